"""A what-if over live sales: the right sums, the officer's own region, and nothing written."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection

from huanxin.claims import models as claims_models
from huanxin.kernel.actor import Scope
from huanxin.kernel.sqlfiles import SqlFile
from huanxin.policy import _whatif, selectors
from huanxin.policy.errors import PolicyNotSound
from huanxin.policy.types import Slice
from tests import given_claims
from tests.given_rules import edited, text

pytestmark = pytest.mark.django_db
LOWER = edited(text("appliances-2026"), ("cap_fen: 150000", "cap_fen: 40000"))


SOLD_ON = date(2026, 9, 1)


def simulate(*, source: str = LOWER, path: str = ""):
    return selectors.simulate_change(
        text=source, scope=Scope(region_path=path),
        from_on=SOLD_ON, to_on=SOLD_ON + timedelta(days=1),
    )  # fmt: skip


@pytest.fixture
def sold():
    """One fridge sold and claimed."""
    at = given_claims.till()
    receipt = at.sell()
    given_claims.submit(at, receipt)
    return receipt


def test_a_lower_cap_takes_what_the_sale_got_above_it(sold):
    found = simulate()

    lost = sold.subsidy_fen - 40_000
    assert lost > 0
    assert found.whole == Slice("", 1, sold.subsidy_fen, 40_000, 0, 1, 0, lost)
    assert found.effect_fen == -lost
    assert [one.key for one in found.by_category] == ["refrigerator"]
    assert [one.key for one in found.by_price] == ["2000 至 5000 元"]
    assert [one.lost_fen for one in found.by_county] == [lost]


def test_the_same_text_changes_nothing_and_other_places_and_times_have_no_sales(sold):
    assert simulate(source=text("appliances-2026")).effect_fen == 0
    assert simulate(path="370000/370100").whole.cases == 0
    assert simulate(path="370000").whole.cases == 1
    earlier = selectors.simulate_change(
        text=LOWER, scope=Scope(), from_on=date(2025, 1, 1), to_on=date(2025, 2, 1)
    )
    assert earlier.whole.cases == 0


def test_a_what_if_cannot_write_and_leaves_the_connection_as_it_was(sold, monkeypatch):
    before = list(claims_models.Sale.objects.values())
    simulate()
    assert list(claims_models.Sale.objects.values()) == before

    given = "SELECT DATE '2026-09-01' AS paid_on, '371502' AS region_code, 'phone' AS category_code"
    given += ", 1 AS energy_grade, nextval('kernel_auditentry_id_seq') AS price_fen"
    writing = SqlFile("x", {}, given)
    monkeypatch.setattr(_whatif, "read_sql", lambda *_: writing)
    with pytest.raises(DatabaseError, match="read-only transaction"):
        simulate()
    monkeypatch.undo()
    with connection.cursor() as cursor:  # the connection writes again
        cursor.execute("SELECT nextval('kernel_auditentry_id_seq')")
        assert cursor.fetchone()[0] > 0


def test_an_unreadable_change_is_refused(sold):
    with pytest.raises(PolicyNotSound):
        simulate(source="id: [")
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        assert cursor.fetchone() == ("off",)
