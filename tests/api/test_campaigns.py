"""Consumption vouchers over the API: opened, claimed, spent, given back."""

from datetime import timedelta
from uuid import uuid4

import pytest

from huanxin.identity.services import staffing
from huanxin.identity.types import OrgKind, Role
from huanxin.kernel import clock
from huanxin.ledger.types import funder_code
from huanxin.vouchers import models, selectors
from tests import given, given_catalogue, given_vouchers
from tests import given_consumption as given_c

pytestmark = pytest.mark.django_db
DAY_BEFORE = given_c.OPENS - timedelta(hours=2)


def headers(client, role, *, org_id=None, person_id=None):
    login = f"{role}-{uuid4().hex[:8]}"
    staffing.open_account(
        actor=given.system(), login=login, display_name="接口", role=role, password="pass phrase",
        org_id=org_id, person_id=person_id,
    )  # fmt: skip
    answer = client.post(
        "/api/v1/session", {"login": login, "password": "pass phrase"}, "application/json"
    )
    return {
        "authorization": f"Bearer {answer.json()['token']}",
        "Idempotency-Key": str(uuid4()),
    }


def post(client, path, body, head):
    return client.post(f"/api/v1{path}", body, "application/json", headers=head)


def body_of(**changes):
    """A shop's campaign as JSON."""
    shop = changes.pop("shop")
    return {
        "title": "店庆券", "programme": "", "region_code": given.COUNTY, "categories": [],
        "quantity": 2, "budget_fen": 120_000, "opens_at": given_c.OPENS.isoformat(),
        "closes_at": given_c.ENDS.isoformat(), "lapse_hours": 48, "kind": "consumption",
        "consumption": {
            "campaign": "shop-day", "funder_code": funder_code(shop), "merchant_ids": [str(shop)],
            "tiers": [{"threshold_fen": 200_000, "discount_fen": 20_000},
                      {"threshold_fen": 500_000, "discount_fen": 60_000}],
        },
        **changes,
    }  # fmt: skip


def test_a_shop_opens_a_resident_claims_the_till_spends_and_takes_back(client):
    given.regions()
    given_catalogue.reference()
    shop = given_c.shop()
    given_c.prefunded(funder_code(shop), 200_000)
    who = given.person()
    with clock.standing_at(DAY_BEFORE):
        manager = headers(client, Role.MERCHANT_MANAGER, org_id=shop)
        opened = post(client, "/campaigns", body_of(shop=shop), manager)
        assert opened.status_code == 201, opened.json()
        pool = opened.json()
        assert pool["consumption"]["tiers"][1]["discount_fen"] == 60_000
        again = post(client, "/campaigns", body_of(shop=shop), manager).json()
        assert again["id"] == pool["id"]
    with clock.standing_at(given_c.OPENS):
        consumer = headers(client, Role.CONSUMER, person_id=who.id)
        token = post(client, f"/campaigns/{pool['id']}/token", {}, consumer)
        assert token.status_code == 200, token.json()
        given_c.claims([selectors.get_claim_of_token(
            token.json()["token"], now=given_c.OPENS)])  # fmt: skip
        [mine] = client.get("/api/v1/vouchers", headers=consumer).json()
    with clock.standing_at(given_c.OPENS + timedelta(hours=1)):
        manager = headers(client, Role.MERCHANT_MANAGER, org_id=shop)
        new = {"org_id": str(shop), "till_id": "1", "voucher_ids": [mine["id"]],
               "category_code": "computer", "price_fen": 600_000}  # fmt: skip
        quote = post(client, "/purchases/quote", new, manager).json()
        assert (quote["to_pay_fen"], quote["discount_fen"]) == (540_000, 60_000)
        bought = post(client, "/purchases", new, manager)
        assert bought.status_code == 201
        back = {"returned_fen": 600_000, "reason": "顾客退货"}
        path = f"/purchases/{bought.json()['id']}/return"
        receipt = post(client, path, back, manager | {"Idempotency-Key": str(uuid4())}).json()
        assert receipt["refund_fen"] == 540_000
        use = client.get(f"/api/v1/campaigns/{pool['id']}/use", headers=manager).json()
        assert (use["claimed_count"], use["used_count"]) == (1, 0)
        closed = post(client, f"/campaigns/{pool['id']}/close", {"reason": "结束活动"}, manager)
        assert closed.json() == {"returned_fen": 60_000}
    assert given_vouchers.owed_fen(shop) == 0


def test_refusals_name_their_code_and_open_nothing(client):
    given.regions()
    given_catalogue.reference()
    shop, other = given_c.shop(), given_c.shop()
    given_c.prefunded(funder_code(shop), 1_000)
    with clock.standing_at(DAY_BEFORE):
        for org_id, role, changes, status, code in (
            (shop, Role.MERCHANT_MANAGER, {}, 409, "vouchers.funder_without_money"),
            (other, Role.MERCHANT_MANAGER, {}, 403, "vouchers.funder_not_yours"),
            (shop, Role.CASHIER, {}, 403, "identity.not_allowed"),
            (shop, Role.MERCHANT_MANAGER, {"quantity": 0}, 422, "vouchers.pool_invalid"),
            (shop, Role.MERCHANT_MANAGER, {"consumption": None}, 422, "vouchers.pool_invalid"),
        ):
            head = headers(client, role, org_id=org_id)
            answer = post(client, "/campaigns", body_of(shop=shop, **changes), head)
            assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    assert not models.Pool.objects.exists()


def test_an_officer_records_an_assessment_with_its_proof(client):
    who = given.person()
    agency = given.organisation(OrgKind.AGENCY)
    head = headers(client, Role.OPERATOR, org_id=agency)
    body = {"tag": "elderly_assessed", "level": "severe", "source": "评估报告 7 号",
            "from_on": "2026-01-01", "to_on": "2027-01-01"}  # fmt: skip
    answer = post(client, f"/people/{who.id}/tags", body, head)
    assert answer.status_code == 201, answer.json()
    wrong = post(client, f"/people/{who.id}/tags", body | {"level": "very"},
                 head | {"Idempotency-Key": str(uuid4())})  # fmt: skip
    assert wrong.json()["code"] == "identity.tag_invalid"
