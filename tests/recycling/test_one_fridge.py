"""One fridge from the quote to the certificate, as DESIGN follows it."""

from datetime import timedelta

import pytest

from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.recycling import models
from huanxin.recycling.errors import OrderNotFound
from huanxin.recycling.selectors import floor_book, order_book, stock_book
from huanxin.recycling.services import visiting
from huanxin.recycling.types import Choice, OrderState, UnitState
from huanxin.trace.errors import UnitUnknown
from huanxin.vouchers import selectors as vouchers
from huanxin.vouchers.types import VoucherState
from tests import given, given_recycling

pytestmark = pytest.mark.django_db


def test_a_fridge_goes_from_quote_to_certificate_and_its_owner_follows_every_step() -> None:
    here = given_recycling.city()
    wang = given.person()
    order = given_recycling.booked(wang, choice=Choice.VOUCHER)
    assert (order.state, order.quoted_fen) == (OrderState.BOOKED, 6_000)
    assert order.voucher_id is not None

    given_recycling.planned(here)
    moment = given_recycling.later(14)
    with clock.standing_at(moment):
        receipt = given_recycling.collected(here, order)
    assert receipt.sentence == "焕新券已激活，面值 60.00 元，购新时抵用。"
    with clock.standing_at(moment + timedelta(hours=1)):
        given_recycling.at_depot(here, receipt.unit_codes)
    with clock.standing_at(moment + timedelta(hours=2)):
        lot = given_recycling.shipped(here, receipt.unit_codes)
    with clock.standing_at(moment + timedelta(hours=3)):
        received = given_recycling.at_dismantler(here, lot)
    assert received.discrepancies == ()
    with clock.standing_at(moment + timedelta(hours=4)):
        certificate = given_recycling.dismantled(here, receipt.unit_codes)

    assert certificate.unit_codes == receipt.unit_codes
    assert (certificate.mass_in_g, certificate.difference_g) == (62_700, 0)
    assert floor_book.verify_certificate(certificate.token) == certificate
    mine = Scope(person_id=wang.id)
    steps = order_book.timeline(order.id, mine)
    assert [(step.code, step.standing) for step in steps] == [
        (code, "done")
        for code in (
            "booked", "offered", "assigned", "collected", "received", "shipped", "arrived",
            "dismantled",
        )
    ]  # fmt: skip
    assert steps[-1].note == certificate.number
    story = stock_book.unit_story(receipt.unit_codes[0], mine)
    assert [stop.biz_step for stop in story] == [
        "commissioning", "collecting", "receiving", "inspecting", "packing", "shipping",
        "receiving", "unpacking", "disassembling",
    ]  # fmt: skip
    assert story[-1].org_id == here.dismantler_id
    assert order_book.get_order(order.id, mine).state == OrderState.COMPLETED
    card = vouchers.get_voucher(order.voucher_id, Scope())
    assert (card.state, card.value_fen) == (VoucherState.USABLE, 6_000)


def test_a_stranger_sees_neither_the_order_nor_its_story() -> None:
    here = given_recycling.city()
    order, codes = given_recycling.until_dismantler(here)
    stranger = Scope(person_id=given.person().id)

    with pytest.raises(OrderNotFound):
        order_book.get_order(order.id, stranger)
    with pytest.raises(OrderNotFound):
        order_book.timeline(order.id, stranger)
    with pytest.raises(UnitUnknown):
        stock_book.unit_story(codes[0], stranger)
    assert order_book.list_orders(stranger).total == 0
    assert stock_book.list_lots(stranger).total == 0
    assert stock_book.list_units(stranger).total == 0


def test_the_address_is_ciphertext_and_each_look_is_recorded() -> None:
    here = given_recycling.city()
    order = given_recycling.booked()
    given_recycling.planned(here)
    row = models.Order.objects.get(pk=order.id)

    address = visiting.reveal_address(actor=here.collector, order_id=order.id, reason="上门取件")

    assert address == "测试小区 1 号楼 101"
    assert address.encode() not in bytes(row.address_sealed)
    assert given_recycling.looks(order.id) == [("recycling.address_revealed", "collector")]


def test_the_timeline_says_what_happens_now_and_next() -> None:
    given_recycling.city()
    order = given_recycling.booked()

    steps = order_book.timeline(order.id, Scope(person_id=order.person_id))

    assert [step.standing for step in steps] == ["done", "now", *["next"] * 6]
    assert order.units[0].state == UnitState.EXPECTED
