"""Firms are admitted, licensed, suspended and re-admitted over the API."""

from uuid import UUID, uuid4

import pytest
from stdnum.cn import uscc

from huanxin.identity import models
from huanxin.identity.types import Role
from tests import given
from tests.api.test_campaigns import headers

pytestmark = pytest.mark.django_db
FIRST_17 = "91371502MA0000001"


def called(client, verb, path, body, head):
    fresh = head | {"Idempotency-Key": str(uuid4())}
    return getattr(client, verb)(f"/api/v1{path}", body, "application/json", headers=fresh)


def test_a_firm_is_admitted_licensed_suspended_and_admitted_again(client):
    officer = headers(client, Role.OPERATOR, org_id=given.organisation())
    firm = {
        "kind": "recycler", "name": "测试回收有限公司", "short_name": "测试回收",
        "uscc": FIRST_17 + uscc.calc_check_digit(FIRST_17), "region_code": given.COUNTY,
    }  # fmt: skip
    made = called(client, "post", "/organisations", firm, officer)
    assert made.status_code == 201
    again = called(client, "post", "/organisations", firm, officer)
    assert again.json() == made.json()
    path = f"/organisations/{made.json()['id']}"

    paper = {
        "kind": "再生资源回收备案", "number": "H-1", "from_on": "2026-01-01", "to_on": "2027-01-01",
    }  # fmt: skip
    licensed = called(client, "put", f"{path}/licences", paper, officer).json()
    assert [one["number"] for one in licensed["licences"]] == ["H-1"]
    unasked = called(
        client, "put", f"{path}/status", {"status": "suspended", "reason": ""}, officer
    )
    assert unasked.status_code == 422
    for status in ("suspended", "admitted"):
        body = {"status": status, "reason": "现场检查"}
        assert called(client, "put", f"{path}/status", body, officer).json()["status"] == status


def test_a_wrong_code_and_a_shop_are_refused_and_nothing_is_written(client):
    shop = given.organisation()
    before = models.Organisation.objects.count()
    firm = {
        "kind": "retailer", "name": "测试商场", "short_name": "商场", "uscc": FIRST_17 + "*",
        "region_code": given.COUNTY,
    }  # fmt: skip
    officer = headers(client, Role.OPERATOR, org_id=shop)
    manager = headers(client, Role.MERCHANT_MANAGER, org_id=shop)
    assert called(client, "post", "/organisations", firm, officer).status_code == 422
    good = firm | {"uscc": FIRST_17 + uscc.calc_check_digit(FIRST_17)}
    assert called(client, "post", "/organisations", good, manager).status_code == 403
    body = {"status": "removed", "reason": "不想要"}
    assert called(client, "put", f"/organisations/{shop}/status", body, manager).status_code == 403
    assert models.Organisation.objects.count() == before
    assert models.Organisation.objects.get(pk=UUID(str(shop))).status == "admitted"
