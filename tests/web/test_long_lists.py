"""Lists too long to be counted: they say so, and their foot follows with the exact sums."""

import re
from datetime import timedelta

import pytest

from huanxin.identity.types import Role
from huanxin.kernel import auditlog, clock
from huanxin.web import claim_lists
from tests import given, given_claims, given_vouchers
from tests.given_claims import SOLD_AT
from tests.given_web import HTMX, text_of, visitor

pytestmark = pytest.mark.django_db
LIST = "/merchant/claims"


@pytest.fixture(autouse=True)
def _eight_hours_later():
    with clock.standing_at(SOLD_AT + timedelta(hours=8)):
        yield


def _shop_with_three():
    org_id, pool_id = given.organisation(), given_vouchers.pool(quantity=3)
    for _ in range(3):
        given_claims.decided(given_claims.till(org_id=org_id, pool_id=pool_id))
    return visitor(Role.MERCHANT_MANAGER, org_id=org_id)[0]


def _money_of(html: str) -> list[str]:
    return re.findall(r"[\d,]+\.\d\d", html)


def test_a_long_list_says_more_than_and_its_foot_follows_with_exact_sums(monkeypatch):
    client = _shop_with_three()
    whole = client.get(LIST)
    monkeypatch.setattr(claim_lists, "MOST_COUNTED", 2)
    page = client.get(LIST)
    table = page.context["table"]
    assert (table.total_count, table.is_more, table.totals) == (2, True, {})
    assert len(table.rows) == 3
    assert "超过 2 条" in text_of(page)
    assert 'hx-get="?sums=1"' in page.content.decode()
    foot = client.get(LIST + table.totals_href, headers=HTMX)
    assert foot.content.decode().strip().startswith("<tr>")
    assert foot.context["table"].totals == whole.context["table"].totals
    assert (
        sum(row.values["subsidy_fen"] for row in table.rows)
        == (foot.context["table"].totals["subsidy_fen"])
    )
    assert _money_of(foot.content.decode()) == _money_of(_foot_of(whole))


def test_without_script_the_same_address_is_the_whole_page_with_its_sums(monkeypatch):
    client = _shop_with_three()
    sums = client.get(LIST).context["table"].totals
    monkeypatch.setattr(claim_lists, "MOST_COUNTED", 2)
    page = client.get(LIST + "?sums=1")
    assert page.context["table"].totals == sums
    assert "<h1>" in page.content.decode()


def test_a_list_of_just_as_many_is_counted_and_summed_at_once(monkeypatch):
    client = _shop_with_three()
    monkeypatch.setattr(claim_lists, "MOST_COUNTED", 3)
    table = client.get(LIST).context["table"]
    assert (table.total_count, table.is_more, table.totals_href) == (3, False, "")
    assert table.totals["price_fen"] == sum(row.values["price_fen"] for row in table.rows)


def test_the_trail_is_counted_only_so_far(monkeypatch):
    _shop_with_three()
    client = visitor(Role.ADMIN)[0]
    monkeypatch.setattr(auditlog, "MOST_COUNTED", 2)
    page = client.get("/console/audit")
    assert "超过 2 条" in text_of(page)
    assert len(page.context["table"].rows) > 2


def _foot_of(page) -> str:
    return page.content.decode().partition("<tfoot>")[2].partition("</tfoot>")[0]
