"""A unit that is used again is repaired, tested, priced and sold once; its next life is named."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.kernel.actor import Scope
from huanxin.kernel.errors import NotAllowed
from huanxin.recycling import _renewal, models
from huanxin.recycling.errors import InvoiceNotFit, UnitNotHere, WorkNotFit
from huanxin.recycling.selectors import order_book, renewal_book
from huanxin.recycling.services import renewing
from huanxin.recycling.types import OrderState, UnitState
from huanxin.recycling.types.renewal import NewSale, NewWork, WorkItem
from huanxin.trace import selectors as trace
from tests import given_recycling
from tests.given_recycling import FINE
from tests.recycling.test_sorting import graded, packed, stocked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ticking")]
INVOICE = "26372000000012345678"


@pytest.fixture
def here():
    return given_recycling.city()


@pytest.fixture
def code(here):
    return stocked(here, 1, answers=FINE)[0]


def worked(here, code, *, is_safe=True):
    work = NewWork(code, (WorkItem("换密封条", "密封条", 35_00),), is_safe, "张检测")
    return renewing.record_work(
        actor=here.manager, depot_org_id=here.recycler_id, work=work, request_id=uuid4()
    )


def offered(here, code, price_fen=380_00):
    return renewing.offer_unit(
        actor=here.manager, depot_org_id=here.recycler_id, unit_code=code, price_fen=price_fen,
        warranty_months=6, request_id=uuid4(),
    )  # fmt: skip


def sold(here, code, *, invoice_no=INVOICE, price_fen=360_00, months=6, request_id=None):
    return renewing.sell_unit(
        actor=here.manager, depot_org_id=here.recycler_id,
        sale=NewSale(code, price_fen, invoice_no, months), request_id=request_id or uuid4(),
    )  # fmt: skip


def test_a_refurbished_unit_closes_its_passport_and_names_its_next_life(here, code):
    worked(here, code)
    offered(here, code)
    request_id = uuid4()
    card = sold(here, code, request_id=request_id)
    assert sold(here, code, request_id=request_id) == card  # sent twice, sold once

    passport = trace.get_passport(code, Scope())
    assert (passport.state.value, passport.next_life) == ("refurbished", card.next_code)
    assert passport.closed_at == card.sold_at
    assert (card.cost_fen, card.price_fen, card.sold_fen) == (35_00, 380_00, 360_00)
    assert card.warranty_until == date(2026, 12, 1)
    last = trace.story(code, Scope())[-1]
    assert last.event["hx:nextLife"] == trace.digital_link(card.next_code)
    assert renewal_book.find_next_life(card.next_code).unit_code == code
    order = models.Order.objects.get()
    assert order_book.cards([order.id])[0].state == OrderState.COMPLETED


def test_the_next_life_may_be_traded_in_under_its_own_code(here, code):
    worked(here, code)
    offered(here, code)
    next_code = sold(here, code).next_code
    assert trace.read_scanned(trace.digital_link(next_code)) == next_code
    assert trace.find_passport(next_code) is None  # free for the day it comes back


def test_without_a_passed_test_it_is_neither_priced_nor_sold(here, code):
    with pytest.raises(WorkNotFit, match="还没有维修"):
        offered(here, code)
    worked(here, code)
    offered(here, code)
    worked(here, code, is_safe=False)  # tested again: the newest counts
    with pytest.raises(WorkNotFit, match="不合格"):
        sold(here, code)
    assert not models.RenewalSale.objects.exists()
    assert models.Unit.objects.get().state == UnitState.IN_DEPOT


def test_a_sale_needs_an_offer_a_whole_invoice_and_the_promised_warranty(here, code):
    worked(here, code)
    with pytest.raises(WorkNotFit, match="还没有定价"):
        sold(here, code)
    offered(here, code)
    for wrong, why in (
        ({"invoice_no": "123"}, "20 位"), ({"invoice_no": "x" * 20}, "20 位"),
    ):  # fmt: skip
        with pytest.raises(InvoiceNotFit, match=why):
            sold(here, code, **wrong)
    for wrong, why in (
        ({"price_fen": 380_01}, "高于标价"), ({"price_fen": 0}, "不大于零"),
        ({"months": 5}, "保修短于"),
    ):  # fmt: skip
        with pytest.raises(WorkNotFit, match=why):
            sold(here, code, **wrong)
    assert not models.RenewalSale.objects.exists()


def test_an_invoice_stands_for_one_unit(here):
    first, second = stocked(here, 2, answers=FINE)
    for code in (first, second):
        worked(here, code)
        offered(here, code)
    sold(here, first)
    with pytest.raises(InvoiceNotFit, match="另一台"):
        sold(here, second)


def test_the_database_refuses_a_second_sale_even_when_the_rules_are_off(here, code, monkeypatch):
    worked(here, code)
    offered(here, code)
    sold(here, code)
    unit = models.Unit.objects.select_related("order").get()
    monkeypatch.setattr(_renewal, "lock_for_reuse", lambda *args: unit)
    other = "26372000000012345679"
    with pytest.raises(IntegrityError, match="recycling_renewalsale_unit_id"), transaction.atomic():
        sold(here, code, invoice_no=other)
    drop_unique("recycling_renewalsale", "unit_id")  # the control: only trace holds it now
    with pytest.raises(Exception, match="不能转为"), transaction.atomic():
        sold(here, code, invoice_no=other)


def test_what_was_sold_is_not_packed_and_what_goes_to_the_plant_is_not_sold(here, code):
    with pytest.raises(UnitNotHere, match="翻新"):
        packed(here, (code,))
    graded(here, [code], FINE | {"age": "over_8"})
    with pytest.raises(WorkNotFit, match="分级没有定为"):
        worked(here, code)


def test_a_unit_that_cannot_be_made_safe_goes_to_the_plant_with_a_reason(here, code):
    worked(here, code, is_safe=False)
    said = {"actor": here.manager, "depot_org_id": here.recycler_id, "unit_code": code}
    with pytest.raises(UnitNotHere, match="没有写明"):
        renewing.give_up_renewal(**said, reason=" ", request_id=uuid4())
    renewing.give_up_renewal(**said, reason="压缩机漏电，无备件", request_id=uuid4())
    assert packed(here, (code,)).unit_codes == (code,)


def test_another_depot_and_a_collector_may_not(here, code):
    for actor in (here.collector, here.clerk):
        with pytest.raises(NotAllowed):
            renewing.record_work(
                actor=actor, depot_org_id=here.recycler_id,
                work=NewWork(code, (), True, "x"), request_id=uuid4(),
            )  # fmt: skip


def drop_unique(table, column):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid"
            " AND a.attnum = ANY (c.conkey) WHERE c.contype = 'u' AND conrelid = %s::regclass"
            " AND a.attname = %s",
            [table, column],
        )
        name = cursor.fetchone()[0]
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
