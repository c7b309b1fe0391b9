"""The OpenAPI document says what the routes do, and nothing else."""

import re

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from support.host import PREFIX, Host
from support.visitor import Visitor


def test_every_route_is_described_and_no_other(host: Host, app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIX)]
    routes = {
        (verb, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX)))
        for rule in rules
        for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (verb.upper(), path) for path, each in host.document["paths"].items() for verb in each if verb != "parameters"
    }
    assert routes == described
    assert host.document["openapi"].startswith("3.1")


def test_every_schema_is_one_and_is_used(host: Host) -> None:
    schemas = host.document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    used = set(re.findall(r"#/components/schemas/(\w+)", str(host.document)))
    assert used == set(schemas)


def test_every_parameter_of_a_path_is_described(host: Host) -> None:
    for path, item in host.document["paths"].items():
        named = {each["name"] for each in item.get("parameters", []) if each["in"] == "path"}
        assert named == set(re.findall(r"{(\w+)}", path))


def test_every_answer_that_is_described_is_given(host: Host, app: Flask) -> None:
    """Each of them is checked against its schema by the host of these tests."""
    account, runs, end = "/accounts/1001", "/accounts/1001/runs", "/accounts/1001/sessions/end"
    orders = f"{account}/orders"
    wrong = [
        {"data": b"{", "content_type": "application/json"},
        {"data": b" " * 70_000},
        {"data": b"x"},
        {"json": {"x": 1}},
    ]
    for method, path in (("PUT", account), ("POST", runs), ("POST", end)):
        for body in wrong:
            host.ask(method, path, **body)
    for method, path in (
        ("GET", account),
        ("DELETE", account),
        ("POST", runs),
        ("POST", end),
        ("GET", f"{runs}/0"),
        ("GET", orders),
    ):
        host.ask(method, path)
    host.get("/openapi.json")
    tag = host.put("1001").headers["ETag"]
    host.put("1001")
    host.put("1001", If_Match='"x"')
    host.delete("1001", If_Match='"x"')
    host.get(account)
    host.get(account, If_None_Match=tag)
    host.get("/accounts")
    host.get("/accounts?limit=0")
    host.get(orders)
    host.get(f"{orders}?limit=0")
    host.post(runs)
    visitor = Visitor(app).open()
    visitor.log_in()
    visitor.save(administration="1571/x001", import_relations=True)
    host.get(host.post(runs).headers["Location"].removeprefix(PREFIX))
    host.post(runs)
    host.post(end)
    host.delete("1001")
    bearer, host._headers = host._headers, {}
    for path, item in host.document["paths"].items():
        for verb in item.keys() - {"parameters"}:
            host.ask(verb.upper(), path.format(account="1001", run="0"))
    host._headers = bearer
    described = {
        (verb.upper(), path, status)
        for path, item in host.document["paths"].items()
        for verb in item.keys() - {"parameters"}
        for status in item[verb]["responses"].keys() - {"default"}
    }
    assert described - host.seen == set()


@pytest.mark.parametrize("verb", ["HEAD", "OPTIONS"])
def test_what_every_route_answers_besides(host: Host, verb: str) -> None:
    host.put("1001")
    assert host.ask(verb, "/accounts/1001").status_code == 200
