"""What tests of the EPCIS door start from: parties with tokens, and documents made here."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from django.test import Client

from huanxin.api import security
from huanxin.identity.services import staffing
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel.actor import Scope
from tests import given

BASE = "/epcis/v2"
CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"ex": "https://ns.example/trade/"},
]


class Party:
    """An organisation or office with an account, talking to the door."""

    def __init__(
        self, role: Role, org_kind: OrgKind | None = None, region: str = given.COUNTY_PATH
    ):
        given.regions()
        self.org_id = given.organisation(org_kind) if org_kind else None
        login = f"t{uuid4().hex[-12:]}"
        account = staffing.open_account(
            actor=given.system(), login=login, display_name="测试", role=role,
            password="Long-enough-77x", org_id=self.org_id, region_path=region,
        )  # fmt: skip
        token, _ = security.issue_token(account.id)
        self.headers = {"authorization": f"Bearer {token}"}
        self.account_id = account.id
        self.client = Client()

    def post(self, path: str, body: Any, **headers: str) -> Any:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(
            BASE + path, raw, content_type=headers.pop("content_type", "application/json"),
            headers=self.headers | headers,
        )  # fmt: skip

    def get(self, path: str, params: Mapping[str, Any] | None = None, **headers: str) -> Any:
        flat = {
            name: "|".join(map(str, value)) if isinstance(value, list) else value
            for name, value in (params or {}).items()
        }
        url = BASE + path + (f"?{urlencode(flat, quote_via=quote)}" if flat else "")
        return self.client.get(
            url, headers=self.headers | {"GS1-EPC-Format": "Never_Translates"} | headers
        )

    def delete(self, path: str) -> Any:
        return self.client.delete(BASE + path, headers=self.headers)

    def capture(self, *events: Mapping[str, Any], **headers: str) -> dict[str, Any]:
        """Hand in a document and read its job."""
        answer = self.post("/capture", document(*events), **headers)
        assert answer.status_code == 202, answer.content
        job: dict[str, Any] = self.client.get(answer["Location"], headers=self.headers).json()
        return job

    def found(self, **params: Any) -> list[dict[str, Any]]:
        """Every event of a query, all pages."""
        answer = self.get("/events", params)
        events: list[dict[str, Any]] = []
        while True:
            assert answer.status_code == 200, answer.content
            body = answer.json()["epcisBody"]["queryResults"]["resultsBody"]
            events += body["eventList"]
            if "Link" not in answer:
                return events
            url = answer["Link"].partition("<")[2].partition(">")[0]
            answer = self.client.get(
                url, headers=self.headers | {"GS1-EPC-Format": "Never_Translates"}
            )


def recycler() -> Party:
    return Party(Role.RECYCLER_MANAGER, OrgKind.RECYCLER)


def dismantler() -> Party:
    return Party(Role.DISMANTLER_CLERK, OrgKind.DISMANTLER)


def office(region: str = given.COUNTY_PATH) -> Party:
    return Party(Role.OPERATOR, region=region)


def document(*events: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0",
        "creationDate": "2026-06-01T09:00:00Z", "epcisBody": {"eventList": list(events)}, **more,
    }  # fmt: skip


def event(**fields: Any) -> dict[str, Any]:
    """An observation with an id of its own; None takes a field away."""
    body: dict[str, Any] = {
        "type": "ObjectEvent", "eventID": f"urn:uuid:{uuid4()}",
        "eventTime": "2026-06-01T09:00:00.000+08:00", "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE", "epcList": ["urn:epc:id:giai:9521234.A1"], "bizStep": "inspecting",
    }  # fmt: skip
    return {name: value for name, value in (body | fields).items() if value is not None}


PATH = given.COUNTY_PATH


def office_scope() -> Scope:
    """What the county's office sees."""
    return Scope(region_path=given.COUNTY_PATH)
