"""A host that speaks to the API, and whose every answer is as the API itself describes it."""

import json
import re
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

TOKEN, NEWER_TOKEN = "a-token-of-the-host", "its-successor-in-a-rotation"
PREFIX = "/api/v1"


class Host:
    """Sends requests with the bearer token; what was answered last is also kept by operation and status."""

    def __init__(self, app: Flask, token: str = TOKEN) -> None:
        self.app, self._client = app, app.test_client(use_cookies=False)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.document: dict[str, Any] = {}
        self.seen: set[tuple[str, str, str]] = set()  # method, path as described, status
        if token:
            self.document = self.ask("GET", "/openapi.json").json

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {**self._headers, **more.pop("headers", {})}
        answer = self._client.open(PREFIX + path, method=method, headers=headers, buffered=True, **more)
        if self.document:
            self._check(method, path.partition("?")[0], answer)
        return answer

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.ask("GET", path, headers=dashed(headers))

    def post(self, path: str, body: object = None, **headers: str) -> TestResponse:
        return self.ask("POST", path, headers=dashed(headers), **({} if body is None else {"json": body}))

    def put(self, account: str, token: object = "token-of-this-customer", **headers: str) -> TestResponse:
        return self.ask("PUT", f"/accounts/{account}", headers=dashed(headers), json={"outsmart_token": token})

    def delete(self, account: str, **headers: str) -> TestResponse:
        return self.ask("DELETE", f"/accounts/{account}", headers=dashed(headers))

    def account(self, account: str = "1001") -> dict[str, Any]:
        answer = self.get(f"/accounts/{account}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def how(self, account: str = "1001") -> tuple[str, str | None]:
        """Its state, and what is to be mended."""
        found = self.account(account)
        return found["state"], found["problem"]

    def _check(self, method: str, path: str, answer: TestResponse) -> None:
        """It is one of the described answers, and looks like it."""
        told = f"{method} {path}: {answer.status} {answer.text}"
        if method == "OPTIONS":
            return None
        described = self._operation(method.replace("HEAD", "GET"), path)
        if described is None:
            assert answer.status_code in (404, 405), told
            return self._fits(answer, "Problem", told)
        known = described["responses"]
        status = str(answer.status_code)
        assert status in known or answer.status_code in (405, 500, 503, 403), told
        self.seen.add((method, self._path(path), status))
        response = known.get(status, known["default"])
        assert {name for name, each in response.get("headers", {}).items() if each["required"]} <= set(
            answer.headers.keys()
        )
        if method == "HEAD" or "content" not in response:
            assert not answer.data, told
            return None
        assert answer.content_type in response["content"], told
        return self._fits(answer, response["content"][answer.content_type]["schema"]["$ref"].rpartition("/")[2], told)

    def _fits(self, answer: TestResponse, schema: str, told: str) -> None:
        whole = {**self.document, "$ref": f"#/components/schemas/{schema}"}
        errors = [error.message for error in Draft202012Validator(whole).iter_errors(json.loads(answer.text))]
        assert not errors, f"{told}\n{errors}"

    def _path(self, path: str) -> str:
        """The described path that this one is."""
        patterns = {each: re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(each)) for each in self.document["paths"]}
        return next((each for each, pattern in patterns.items() if re.fullmatch(pattern, path)), "")

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.document["paths"].get(self._path(path), {}).get(method.lower())
        return found


def dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
