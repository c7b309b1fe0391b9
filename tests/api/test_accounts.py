"""An account from its first token to its end, as the host sees it."""

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from support import database
from support.host import Host
from support.visitor import ONE_ADMINISTRATION, Visitor

from webapp import create_app
from webapp.db import connect, owned_tables
from webapp.demo.cash import CashSandbox


def test_the_first_token_makes_an_account_and_the_next_one_replaces_it(host: Host) -> None:
    assert host.get("/accounts/1001").status_code == 404
    created = host.put("1001")
    assert created.status_code == 201
    assert created.headers["Location"] == "/api/v1/accounts/1001"
    assert host.put("1001", "another-token").status_code == 200
    assert host.account()["outsmart_token"] is True


def test_a_token_is_never_told_again(host: Host, app: Flask) -> None:
    token = "geheim-token-van-de-klant"
    answers = [host.put("1001", token), host.get("/accounts/1001"), host.get("/accounts"), host.put("1001", token)]
    assert not [each for each in answers if token in each.text + str(each.headers)]
    with open(app.config["DATABASE"], "rb") as file:
        assert token.encode() not in file.read()


def test_the_same_token_again_changes_nothing(host: Host) -> None:
    before = host.put("1001", "token")
    assert host.put("1001", "token").headers["ETag"] == before.headers["ETag"]
    assert host.put("1001", "another").headers["ETag"] != before.headers["ETag"]


@pytest.mark.parametrize("token", ["", "x" * 201, "two words", "\n", "é", 7, None, ["token"]])
def test_a_token_that_can_be_none_is_named(host: Host, token: object) -> None:
    answer = host.put("1001", token)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == ["outsmart_token"]
    assert host.get("/accounts/1001").status_code == 404, "nothing is stored"


@pytest.mark.parametrize("body", [{}, {"outsmart_token": "t", "user": "x"}, {"outsmart-token": "t"}])
def test_a_key_that_is_missing_or_not_known_is_named(host: Host, body: dict[str, str]) -> None:
    answer = host.ask("PUT", "/accounts/1001", json=body)
    assert answer.status_code == 422
    fields = {each["field"] for each in answer.json["errors"]}
    assert fields == {"outsmart_token"} ^ body.keys()
    assert all(field in answer.json["detail"] for field in fields)


@pytest.mark.parametrize("id", ["x" * 201, "%00", "a%0Ab", "%7F", "%C2%80"])
def test_an_id_that_can_be_none_is_refused(host: Host, id: str) -> None:
    assert host.put(id).status_code == 422
    assert host.get(f"/accounts/{id}").status_code == 404


@pytest.mark.parametrize("id", ["a b", "é", "日本", "%25", "a:b", ".."])
def test_any_other_id_is_one(host: Host, id: str) -> None:
    assert host.put(id).status_code == 201
    assert host.get(f"/accounts/{id}").status_code == 200
    assert host.delete(id).status_code == 200


def test_an_account_that_someone_saved_on_the_page_is_known_without_a_token(host: Host, connected: Visitor) -> None:
    account = host.account()
    assert account["connected"] is True
    assert account["administration"] == {"id": "1571/x001", "name": "Demo B.V."}
    assert account["settings"]["version"] == 1
    assert account["settings"]["saved_by"] == "beheer"
    assert account["settings"]["choices"]["import_relations"] is True
    assert (account["state"], account["problem"]) == ("problem", "outsmart_token_missing")


def test_whoever_only_looks_at_the_page_is_no_account_yet(host: Host, visitor: Visitor) -> None:
    visitor.log_in()
    assert host.get("/accounts/1001").status_code == 404


# --- only if nothing changed ---
def test_who_has_the_newest_version_gets_none(host: Host) -> None:
    tag = host.put("1001").headers["ETag"]
    assert tag.startswith('"'), "a strong one"
    for sent in (tag, f'"other", {tag}', "*", f"W/{tag}"):
        again = host.get("/accounts/1001", If_None_Match=sent)
        assert again.status_code == 304
        assert again.headers["ETag"] == tag
    host.put("1001", "another")
    assert host.get("/accounts/1001", If_None_Match=tag).status_code == 200


def test_a_version_that_came_compressed_is_the_same_version(host: Host, connected: Visitor) -> None:
    packed = host._client.get("/api/v1/accounts/1001", headers={**host._headers, "Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    tag = packed.headers["ETag"]
    assert host.get("/accounts/1001", If_None_Match=tag).status_code == 304
    assert host.put("1001", If_Match=tag).status_code == 200


@pytest.mark.parametrize("tags", ["", '""', 'W/""', "x", '"', ", ,", '"" "', "W/", '"é"', "*, *"])
def test_a_version_that_can_be_none_is_another_one(host: Host, tags: str) -> None:
    host.put("1001", "first")
    assert host.get("/accounts/1001", If_None_Match=tags).status_code == 200
    assert host.put("1001", "second", If_Match=tags).status_code == 412
    assert host.delete("1001", If_Match=tags).status_code == 412


def test_a_stale_version_changes_nothing(host: Host) -> None:
    stale = host.put("1001", "first").headers["ETag"]
    fresh = host.put("1001", "second").headers["ETag"]
    assert host.put("1001", "third", If_Match=stale).status_code == 412
    assert host.put("1001", "third", If_Match=f"W/{fresh}").status_code == 412, "a weak one proves nothing"
    assert host.delete("1001", If_Match=stale).status_code == 412
    assert host.get("/accounts/1001").headers["ETag"] == fresh
    assert host.put("1001", "third", If_Match=fresh).status_code == 200
    assert host.put("1001", "fourth", If_Match="*").status_code == 200
    assert host.put("1001", "fifth", If_None_Match="*").status_code == 412
    assert host.put("2002", If_Match="*").status_code == 412, "there is none to match"
    assert host.put("2002", If_None_Match="*").status_code == 201


# --- all that changed ---
def test_a_host_that_polls_hears_of_each_change_once(host: Host, app: Flask) -> None:
    for account in ("a", "b", "c"):
        host.put(account)
    first = host.get("/accounts?limit=2").json
    assert ([each["id"] for each in first["accounts"]], first["more"]) == (["a", "b"], True)
    host.put("a", "another")
    second = host.get(f"/accounts?changed_after={first['cursor']}").json
    assert ([each["id"] for each in second["accounts"]], second["more"]) == (["c", "a"], False)
    assert second["accounts"][1] == host.account("a"), "the same as one by one"
    nothing = host.get(f"/accounts?changed_after={second['cursor']}").json
    assert (nothing["accounts"], nothing["cursor"]) == ([], second["cursor"])


def test_what_is_done_on_the_page_is_a_change(host: Host, visitor: Visitor, cash: CashSandbox) -> None:
    cursor = "0"

    def changed() -> list[str]:
        nonlocal cursor
        found = host.get(f"/accounts?changed_after={cursor}").json
        cursor = found["cursor"]
        return [each["id"] for each in found["accounts"]]

    visitor.log_in()
    assert changed() == [], "nothing that lasts"
    visitor.save(administration="1571/x001", import_relations=True)
    assert changed() == ["1001"]
    visitor.save(import_materials=True)
    assert changed() == ["1001"]
    visitor.log_in()
    assert changed() == ["1001"], "another password may be another state"
    visitor.get("/")
    assert changed() == []
    visitor.submit("test-form")
    assert changed() == ["1001"], "Cash accepts the stored login"
    cash.reject()
    visitor.get("/").submit("test-form")
    assert changed() == ["1001"], "and refuses it"
    visitor.get("/").submit("disconnect-form")
    assert changed() == ["1001"]


def test_a_change_after_the_latest_account_was_deleted_is_heard_of(host: Host) -> None:
    host.put("a")
    host.put("b")
    cursor = host.get("/accounts").json["cursor"]
    host.delete("b")
    host.put("a", "another")
    assert [each["id"] for each in host.get(f"/accounts?changed_after={cursor}").json["accounts"]] == ["a"]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "limit=", "changed_after=x", "changed_after=-1", "after=1"]
)
def test_a_list_that_cannot_be_asked_for_is_refused(host: Host, query: str) -> None:
    answer = host.get(f"/accounts?{query}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == query.partition("=")[0]


# --- the end ---
def test_an_account_that_ends_leaves_nothing_behind(host: Host, app: Flask, connected: Visitor) -> None:
    other = Visitor(app).open(account="2002")
    other.log_in(**ONE_ADMINISTRATION)
    other.save(administration=other.administrations()[0])
    connected.log_in(password="verkeerd")
    host.put("1001")
    assert host.post("/accounts/1001/runs").status_code == 202
    before = {table: len(rows) for table, rows in all_rows(app).items()}
    answer = host.delete("1001")
    assert answer.status_code == 200
    assert answer.json["rows"].keys() == {
        "launches",
        "logins",
        "settings",
        "timeline",
        "rate_events",
        "accounts",
        "runs",
    }
    after = all_rows(app)
    assert not [table for table, rows in after.items() if any("1001" in map(str, row) for row in rows)]
    gone = {table: before[table] - len(rows) for table, rows in after.items() if table not in ("launches", "accounts")}
    assert gone == {table: answer.json["rows"].get(table, 0) for table in gone}
    assert host.delete("1001").status_code == 404
    assert host.get("/accounts/1001").status_code == 404
    assert connected.get("/").status == 401, "its sessions have ended"
    assert other.get("/").status == 200


def all_rows(app: Flask) -> dict[str, list[tuple[object, ...]]]:
    names = owned_tables()
    return dict(zip(names, database.rows(app.config["DATABASE"], *names), strict=True))


def test_a_launch_token_that_was_used_before_the_end_is_used_after_it(host: Host, app: Flask) -> None:
    visitor = Visitor(app)
    token = visitor.launch_token()
    visitor.post("/launch", {"token": token}, plain=True)
    assert visitor.status == 200
    assert host.delete("1001").json["rows"] == {"launches": 1}
    visitor.session = ""
    assert visitor.post("/launch", {"token": token}, plain=True).status == 409


def test_an_account_that_ended_can_begin_anew(host: Host, connected: Visitor) -> None:
    host.delete("1001")
    assert host.put("1001").status_code == 201
    assert host.how() == ("waits_for_user", "not_connected")


# --- keys ---
def test_a_token_survives_the_rotation_of_the_vault_keys(
    host: Host, app: Flask, configuration: dict[str, object]
) -> None:

    host.put("1001")
    new = Fernet.generate_key().decode()
    rotating = create_app({**configuration, "VAULT_KEYS": [new, *app.config["VAULT_KEYS"]]})
    told = rotating.test_cli_runner().invoke(args=["rotate-vault-keys"]).output
    assert "1 OutSmart tokens re-encrypted, 0" in told
    assert Host(create_app({**configuration, "VAULT_KEYS": [new]})).account()["outsmart_token"] is True
    lost = create_app({**configuration, "VAULT_KEYS": [Fernet.generate_key().decode()]})
    assert "0 OutSmart tokens re-encrypted, 1" in lost.test_cli_runner().invoke(args=["rotate-vault-keys"]).output
    assert Host(lost).account()["outsmart_token"] is False
    assert Host(lost).put("1001").status_code == 200, "given again, it is read again"
    assert Host(lost).account()["outsmart_token"] is True


def test_a_token_of_another_account_does_not_open(host: Host, app: Flask) -> None:
    host.put("1001")
    host.put("2002", "another")
    with connect(app.config["DATABASE"]) as db:
        db.execute("UPDATE accounts SET token = (SELECT token FROM accounts WHERE account = '1001')")
    assert [host.account(each)["outsmart_token"] for each in ("1001", "2002")] == [True, False]
