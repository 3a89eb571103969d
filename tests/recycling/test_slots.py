"""A slot holds what the county's vans can do, whoever asks at the same time."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.kernel import clock
from huanxin.kernel.errors import NotFound
from huanxin.recycling import _orders, models, rules
from huanxin.recycling.errors import QuoteNotUsable, SlotFull, SlotNotOpen
from huanxin.recycling.selectors import order_book
from huanxin.recycling.services import booking, preparing
from huanxin.recycling.types import Slot
from huanxin.recycling.types.orders import NewOrder, OrderCard
from tests import given, given_recycling

_ROOM = 2
_RACERS = 6
_GUARD = "  AND s.taken + w.wanted <= s.capacity\n"


def _race_for(race: Any) -> tuple[list[Any], int]:
    """Six people ask for the two places of a slot at the same moment."""
    given_recycling.city()
    preparing.set_slot_capacity(
        actor=given.system(),
        region_code=given.COUNTY,
        slot_on=given_recycling.DAY,
        slot=Slot.MORNING_EARLY,
        capacity=_ROOM,
    )
    people = [given.person() for _ in range(_RACERS)]
    orders = [given_recycling.new_order(who) for who in people]

    def ask(number: int) -> OrderCard:
        with clock.standing_at(given_recycling.EVENING):
            return booking.book_order(
                actor=given.consumer(people[number]), order=orders[number], request_id=uuid4()
            )

    answers = race(ask, _RACERS)
    return answers, models.SlotRoom.objects.get().taken


@pytest.mark.django_db(transaction=True)
def test_a_race_for_a_slot_ends_with_the_slot_full_and_not_over(race: Any) -> None:
    answers, taken = _race_for(race)

    assert sum(isinstance(answer, OrderCard) for answer in answers) == _ROOM
    assert sum(isinstance(answer, SlotFull) for answer in answers) == _RACERS - _ROOM
    assert (taken, models.Order.objects.count()) == (_ROOM, _ROOM)


@pytest.mark.django_db(transaction=True)
def test_without_the_guard_the_constraint_still_holds_and_without_both_the_slot_overflows(
    race: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _GUARD in _orders._TAKE_SLOTS
    monkeypatch.setattr(_orders, "_TAKE_SLOTS", _orders._TAKE_SLOTS.replace(_GUARD, ""))

    answers, taken = _race_for(race)
    assert sum(isinstance(answer, IntegrityError) for answer in answers) == _RACERS - _ROOM
    assert taken == _ROOM

    add = "ADD CONSTRAINT slot_within_capacity CHECK (taken >= 0 AND taken <= capacity) NOT VALID"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE recycling_slotroom DROP CONSTRAINT slot_within_capacity")
        try:
            order = given_recycling.new_order(who := given.person())
            with clock.standing_at(given_recycling.EVENING):
                booking.book_order(actor=given.consumer(who), order=order, request_id=uuid4())
            assert models.SlotRoom.objects.get().taken == _ROOM + 1  # the control overflows
            models.SlotRoom.objects.update(taken=_ROOM)
        finally:
            cursor.execute(f"ALTER TABLE recycling_slotroom {add}")


@pytest.mark.django_db
def test_a_batch_that_overfills_a_slot_books_nothing() -> None:
    given_recycling.city()
    who = given.person()
    room = rules.STOPS_PER_SLOT
    orders = [given_recycling.new_order(who) for _ in range(room + 1)]

    with pytest.raises(SlotFull):
        booking.book_orders(actor=given.consumer(who), orders=orders, request_id=uuid4())

    assert models.Order.objects.count() == models.Unit.objects.count() == 0
    assert models.SlotRoom.objects.count() == 0


@pytest.mark.django_db
def test_free_slots_show_what_is_left_and_leave_out_what_is_over() -> None:
    given_recycling.city(vans=2)
    given_recycling.booked()

    day = given_recycling.DAY
    offers = order_book.list_free_slots(given.COUNTY, from_on=day, to_on=day + timedelta(days=1))
    with clock.standing_at(clock.moment(day, 12)):
        rest = order_book.list_free_slots(given.COUNTY, from_on=day, to_on=day + timedelta(days=1))

    assert [(offer.slot.value, offer.remaining) for offer in offers] == [
        ("9-11", 7), ("11-13", 8), ("14-16", 8), ("16-18", 8),  # four stops a van
    ]  # fmt: skip
    assert [offer.slot.value for offer in rest] == ["14-16", "16-18"]


@pytest.mark.django_db
@pytest.mark.parametrize("slot_on", [date(2026, 6, 1), date(2026, 6, 16), date(2026, 5, 31)])
def test_a_slot_that_is_over_or_too_far_ahead_is_not_offered(slot_on: date) -> None:
    given_recycling.city()
    who = given.person()
    order = given_recycling.new_order(who, slot_on=slot_on)

    with pytest.raises(SlotNotOpen):
        booking.book_order(actor=given.consumer(who), order=order, request_id=uuid4())

    assert models.Order.objects.count() == 0


@pytest.mark.django_db
def test_a_county_without_vans_has_no_room() -> None:
    given_recycling.city(vans=0)

    with pytest.raises(SlotFull):
        given_recycling.booked()


@pytest.mark.django_db
def test_a_quote_is_used_once_by_its_own_person_and_in_time() -> None:
    given_recycling.city()
    wang, li = given.person(), given.person()
    order = given_recycling.new_order(wang)
    stolen = NewOrder(**{**_fields(order), "person_id": li.id})

    with pytest.raises(NotFound):
        booking.book_order(actor=given.consumer(li), order=stolen, request_id=uuid4())
    booking.book_order(actor=given.consumer(wang), order=order, request_id=uuid4())
    with pytest.raises(QuoteNotUsable, match="已经用于另一笔订单"):
        booking.book_order(actor=given.consumer(wang), order=order, request_id=uuid4())
    late = given_recycling.new_order(wang, slot_on=given_recycling.DAY + timedelta(days=8))
    with (
        clock.standing_at(given_recycling.later(24 * 8)),
        pytest.raises(QuoteNotUsable, match="已过有效期"),
    ):
        booking.book_order(actor=given.consumer(wang), order=late, request_id=uuid4())

    assert models.Order.objects.count() == 1


@pytest.mark.django_db
def test_the_database_keeps_one_unit_to_one_quote() -> None:
    given_recycling.city()
    order = given_recycling.booked()
    unit = models.Unit.objects.get(order_id=order.id)
    unit.id = uuid4()

    with pytest.raises(IntegrityError, match="quote_id"), transaction.atomic():
        unit.save(force_insert=True)


def _fields(order: NewOrder) -> dict[str, Any]:
    return {name: getattr(order, name) for name in NewOrder.__slots__}
