"""The back of the chain over the API: the same verbs, refusals and repeats as on the pages."""

from uuid import uuid4

import pytest

from huanxin.api import security
from huanxin.identity.types import Role
from huanxin.kernel import clock
from huanxin.recycling import models
from tests import given_desk, given_recycling
from tests.given_recycling import FINE
from tests.recycling.conftest import ticking  # noqa: F401 - a fixture
from tests.recycling.test_books import on_floor
from tests.recycling.test_renewal import INVOICE
from tests.recycling.test_sorting import packed, stocked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking")]


@pytest.fixture
def here():
    with clock.standing_at(given_recycling.EVENING):
        yield given_recycling.city()


def caller(client, role, org_id):
    """Posts and gets as an account of that role."""
    token, _until = security.issue_token(given_desk.account(role, org_id).account_id)
    headers = {"authorization": f"Bearer {token}"}

    def call(path, body=None, key=None):
        if body is None:
            return client.get(f"/api/v1{path}", headers=headers)
        sent = headers | {"Idempotency-Key": str(key or uuid4())}
        return client.post(f"/api/v1{path}", body, "application/json", headers=sent)

    return call


def test_a_unit_is_renewed_and_sold_once(client, here):
    [code] = stocked(here, 1, answers=FINE)
    depot = str(here.recycler_id)
    call = caller(client, Role.RECYCLER_MANAGER, here.recycler_id)
    assert len(call("/depot/questions").json()) == 6
    work = {"unit_code": code, "items": [{"done": "换密封条"}], "is_safe": True, "tester": "张"}
    assert call("/renewals/work", {"depot_org_id": depot, "work": work}).status_code == 201
    offer = {"depot_org_id": depot, "unit_code": code, "price_fen": 38000, "warranty_months": 6}
    assert call("/renewals/offers", offer).status_code == 201
    sale = {"unit_code": code, "price_fen": 36000, "invoice_no": "1", "warranty_months": 6}
    refused = call("/renewals/sales", {"depot_org_id": depot, "sale": sale})
    assert (refused.status_code, refused.json()["code"]) == (422, "recycling.invoice_not_fit")
    key, body = uuid4(), {"depot_org_id": depot, "sale": sale | {"invoice_no": INVOICE}}
    first, again = (call("/renewals/sales", body, key) for _ in range(2))
    assert first.json() == again.json()
    assert models.RenewalSale.objects.count() == 1
    assert call("/renewals?of=sold").json()["total"] == 1


def test_a_floor_is_counted_and_its_fund_read(client, here):
    on_floor(here, 2)
    call = caller(client, Role.DISMANTLER_CLERK, here.dismantler_id)
    [line] = call("/floor/book").json()
    assert (line["in_count"], line["out_count"]) == (2, 0)
    counts = [{"class_code": "01", "unit_count": 1, "mass_g": 62_700}]
    body = {"dismantler_org_id": str(here.dismantler_id), "counts": counts}
    refused = call("/floor/counts", body)
    assert refused.json()["code"] == "recycling.stock_needs_reason"
    counts[0]["is_case"] = True
    assert call("/floor/counts", body).status_code == 201
    [case] = call("/cases").json()["items"]
    assert (case["kind"], case["state"]) == ("stock", "open")
    assert call(f"/cases/{case['id']}/words", {"said": "正在查找。"}).json()["state"] == "answered"
    assert call("/fund/lines?month=2026-06-01").json() == []


def test_a_lot_is_unpacked_by_its_own_depot_alone(client, here):
    lot = packed(here, stocked(here, 1))
    stranger = caller(client, Role.DISMANTLER_CLERK, here.dismantler_id)
    assert stranger(f"/lots/{lot.id}/unpack", {}).status_code == 403
    call = caller(client, Role.RECYCLER_MANAGER, here.recycler_id)
    assert call(f"/lots/{lot.id}/unpack", {}).json()["state"] == "unpacked"
