"""What stands at the top of the generated client: connection, retries, refusals. Text only."""

HEAD = '''"""Huanxin 焕新 client, generated from the OpenAPI document, version API_VERSION.

    from huanxin_client import Client

    client = Client("http://127.0.0.1:8000", "hxk_…")
    print(client.accounts_me()["name"])

Python 3.11 or newer, standard library only. Amounts are integer fen. A refusal raises Refused.
"""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any, Literal, NotRequired, TypedDict

RETRIED = (429, 503)


class Refused(Exception):
    """The platform said no: `code` is stable, `detail` says what to do, `problem` is all of it."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        self.problem = problem
        super().__init__(f"{status} {self.code}: {self.title}")


def new_key() -> str:
    """A fresh Idempotency-Key. Keep it and hand it in again to repeat a call safely."""
    return str(uuid.uuid4())


def part(value: object) -> str:
    """A value as a part of a path."""
    return urllib.parse.quote(str(value), safe="")


class Connection:
    """Where the platform is and who calls. Waits and repeats when it is asked to."""

    def __init__(
        self, address: str, token: str = "", *, timeout_seconds: float = 30, retries: int = 3
    ) -> None:
        self.address = address.rstrip("/")
        self.token = token
        self.timeout_seconds = timeout_seconds
        self.retries = retries

    def sign_in(self, login: str, password: str, code: str = "") -> None:
        """Use an account's token (twelve hours) instead of a key."""
        body = {"login": login, "password": password, "code": code}
        self.token = self._call("POST", "/api/v1/session", {}, body, None)["token"]

    def rows(self, name: str, *, limit: int = 500) -> Iterator[dict[str, Any]]:
        """Every row of a list, page after page by its cursor."""
        cursor: str | None = None
        while True:
            path, query = f"/api/v1/lists/{part(name)}", {"cursor": cursor, "limit": limit}
            page = self._call("GET", path, query, None, None)
            yield from page["rows"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _call(
        self, verb: str, path: str, query: dict[str, Any], body: Any, key: str | None
    ) -> Any:
        asked = {name: value for name, value in query.items() if value is not None}
        url = self.address + path + ("?" + urllib.parse.urlencode(asked) if asked else "")
        data, headers = _encoded(body)
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        for attempt in range(self.retries + 1):
            request = urllib.request.Request(url, data, headers, method=verb)
            try:
                with urllib.request.urlopen(request, timeout=self.timeout_seconds) as answer:
                    return _decoded(answer.read(), answer.headers.get_content_type())
            except urllib.error.HTTPError as error:
                wait = error.headers.get("Retry-After")
                if error.code not in RETRIED or wait is None or attempt == self.retries:
                    raise Refused(error.code, _problem(error.read())) from None
                time.sleep(float(wait))
        raise AssertionError("unreachable")


def _encoded(body: Any) -> tuple[bytes | None, dict[str, str]]:
    if body is None:
        return None, {}
    if isinstance(body, tuple):
        return _form(*body)
    return json.dumps(body).encode(), {"Content-Type": "application/json"}


def _form(name: str, content: bytes) -> tuple[bytes, dict[str, str]]:
    mark = uuid.uuid4().hex
    said = f\'Content-Disposition: form-data; name="file"; filename="{name}"\'
    open_, close = f"--{mark}\\r\\n{said}\\r\\n\\r\\n", f"\\r\\n--{mark}--\\r\\n"
    data = open_.encode() + content + close.encode()
    return data, {"Content-Type": f"multipart/form-data; boundary={mark}"}


def _decoded(body: bytes, kind: str) -> Any:
    if not body:
        return None
    return json.loads(body) if kind == "application/json" else body


def _problem(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
'''
