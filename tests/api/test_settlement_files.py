"""Batches of evidence, answer files and publicity over the API."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huanxin.api import security
from huanxin.identity.types import Role
from huanxin.kernel import clock
from tests import given_settlement
from tests.claims.test_upload import AT, sold
from tests.given_web import visitor

pytestmark = pytest.mark.django_db


def door(role, **where):
    actor = visitor(role, **where)[1]
    token, _ = security.issue_token(actor.account_id)
    return {"Authorization": f"Bearer {token}"}


def test_a_batch_of_evidence_is_answered_row_by_row_and_once():
    manager, sales = sold(1)
    number = sales[0][1].number
    body = {"keep": "good", "rows": [
        {"number": number, "papers": [{"kind": "delivery", "facts": {
            "carrier": "某快递", "waybill": "SF1", "signed_at": "2026-09-01T18:00:00+08:00"}}]},
        {"number": "XS0", "papers": []},
    ]}  # fmt: skip
    with clock.standing_at(AT):
        headers = door(Role.MERCHANT_MANAGER, org_id=manager.org_id)
        headers["Idempotency-Key"] = str(uuid4())
        first, again = (
            Client().post("/api/v1/claims/evidence-batches", body, "application/json",
                          headers=headers)
            for _ in range(2)
        )  # fmt: skip

    assert first.status_code == 200, first.content
    answer = first.json()
    assert [row["is_stored"] for row in answer["rows"]] == [True, False]
    assert answer["rows"][0]["missing"] == ["invoice", "label"]
    assert again.json()["rows"] == answer["rows"]
    assert again.json()["is_repeat"] is True


def test_an_answer_file_and_the_publicity_over_the_api():
    given_settlement.cleared(*given_settlement.shops(1))
    batch = given_settlement.published()
    with clock.standing_at(given_settlement.OPENED_AT):
        listed = Client().get("/api/v1/publicity").json()
        lines = Client().get(f"/api/v1/publicity/{batch.batch_id}").json()
    [order] = given_settlement.pay(batch)
    body = f"指令编号,金额,结果,回单号\n{order.number},749.85,成功,回单1\n".encode()
    with clock.standing_at(given_settlement.PAID_AT):
        headers = door(Role.FINANCE_OFFICER)
        answer = Client().post(
            "/api/v1/bank-answer-files", {"file": SimpleUploadedFile("a.csv", body)},
            headers=headers,
        )  # fmt: skip
        gaps = Client().get("/api/v1/money-gaps", headers=headers)
        denied = Client().get("/api/v1/money-gaps", headers=door(Role.OPERATOR))

    assert [one["number"] for one in listed] == [batch.number]
    assert [one["subsidy_fen"] for one in lines["items"]] == [74_985]
    assert answer.json()["booked_count"] == 1
    assert (gaps.json()["total"], denied.status_code) == (0, 403)
