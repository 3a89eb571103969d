"""Custody never breaks: the rule refuses, and behind it the database does."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry
from huanxin.trace import models, rules, selectors, services
from huanxin.trace.errors import (
    CustodyBroken,
    EventAlreadyCaptured,
    StepNotAllowed,
    TimeRunsBackwards,
    UnitCodeInvalid,
    UnitCodeTaken,
    UnitUnknown,
)
from huanxin.trace.types import UnitState
from tests import given, given_trace

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def _facts() -> tuple[int, int, int]:
    return (
        models.Event.objects.count(),
        models.Custody.objects.count(),
        AuditEntry.objects.filter(action="trace.captured").count(),
    )


def _rule_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain written as asked, so that only the database is left to object."""
    monkeypatch.setattr(
        rules,
        "next_link",
        lambda head, move, at: rules.Link(head.seq + 1, move.to_org_id, move.to_state, at),
    )


def _drop(table: str, constraint: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def test_a_unit_walks_from_the_door_to_its_end_and_every_hand_is_named() -> None:
    recycler, dismantler = given_trace.recycler(), given_trace.dismantler()
    code = given_trace.unit(recycler)
    given_trace.journey(code, giver=recycler, taker=dismantler, until=UnitState.DISMANTLED)

    story = selectors.story(code, Scope(region_path=given.COUNTY_PATH))

    assert [(stop.seq, stop.biz_step, stop.state.value) for stop in story] == [
        (1, "commissioning", "collected"),
        (2, "receiving", "in_depot"),
        (3, "packing", "in_lot"),
        (4, "shipping", "shipped"),
        (5, "receiving", "at_dismantler"),
        (6, "disassembling", "dismantled"),
    ]
    assert [stop.org_id for stop in story] == [recycler] * 4 + [dismantler] * 2
    assert all(stop.event["eventID"] == stop.event_id for stop in story)
    assert not any(stop.is_sealed for stop in story)  # nobody has sealed the log yet
    passport = selectors.get_passport(code, Scope())
    assert (passport.state, passport.custody_seq) == (UnitState.DISMANTLED, 6)
    assert passport.closed_at == given_trace.START + 5 * HOUR


def test_a_unit_is_handed_on_only_by_who_holds_it() -> None:
    recycler, stranger = given_trace.recycler(), given_trace.recycler()
    code = given_trace.unit(recycler)
    before = _facts()

    with pytest.raises(CustodyBroken) as refusal:
        services.capture_events(
            events=[
                given_trace.moved(
                    code, UnitState.IN_DEPOT, giver=stranger, at=given_trace.START + HOUR
                )
            ]
        )

    assert refusal.value.facts["holder_id"] == recycler
    assert _facts() == before
    assert selectors.get_passport(code, Scope()).holder_id == recycler


def test_the_database_refuses_a_stranger_even_when_the_rule_is_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recycler, stranger = given_trace.recycler(), given_trace.recycler()
    code = given_trace.unit(recycler)
    _rule_off(monkeypatch)
    theft = given_trace.moved(code, UnitState.IN_DEPOT, giver=stranger, at=given_trace.START + HOUR)

    with pytest.raises(IntegrityError, match="trace_custody_from_last_link"), transaction.atomic():
        services.capture_events(events=[theft])

    _drop("trace_custody", "trace_custody_from_last_link")  # the control: now it gets through
    services.capture_events(events=[theft])
    assert selectors.get_passport(code, Scope()).holder_id == stranger


def test_a_unit_dismantled_twice_is_refused() -> None:
    recycler, dismantler = given_trace.recycler(), given_trace.dismantler()
    code = given_trace.unit(recycler)
    given_trace.journey(code, giver=recycler, taker=dismantler, until=UnitState.DISMANTLED)
    before = _facts()

    with pytest.raises(StepNotAllowed) as refusal:
        services.capture_events(
            events=[
                given_trace.moved(
                    code,
                    UnitState.DISMANTLED,
                    giver=dismantler,
                    at=given_trace.START + 24 * HOUR,
                )
            ]
        )

    assert refusal.value.facts["state"] == "已拆解"
    assert _facts() == before


def test_the_database_refuses_a_second_dismantling_even_when_the_rule_is_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recycler, dismantler = given_trace.recycler(), given_trace.dismantler()
    code = given_trace.unit(recycler)
    given_trace.journey(code, giver=recycler, taker=dismantler, until=UnitState.DISMANTLED)
    _rule_off(monkeypatch)
    again = given_trace.moved(
        code, UnitState.DISMANTLED, giver=dismantler, at=given_trace.START + 24 * HOUR
    )

    with pytest.raises(IntegrityError, match="trace_custody_step_allowed"), transaction.atomic():
        services.capture_events(events=[again])

    _drop("trace_custody", "trace_custody_step_allowed")  # the control
    services.capture_events(events=[again])
    steps = models.Custody.objects.filter(unit_id=code, to_state=UnitState.DISMANTLED)
    assert steps.count() == 2


def test_a_unit_that_was_never_received_cannot_be_dismantled() -> None:
    recycler, dismantler = given_trace.recycler(), given_trace.dismantler()
    code = given_trace.unit(recycler)
    given_trace.journey(code, giver=recycler, taker=dismantler, until=UnitState.SHIPPED)

    with pytest.raises(StepNotAllowed):
        services.capture_events(
            events=[
                given_trace.moved(
                    code, UnitState.DISMANTLED, giver=recycler, at=given_trace.START + 24 * HOUR
                )
            ]
        )

    assert selectors.get_passport(code, Scope()).closed_at is None


def test_time_does_not_run_backwards_along_a_chain() -> None:
    recycler = given_trace.recycler()
    code = given_trace.unit(recycler)

    with pytest.raises(TimeRunsBackwards):
        services.capture_events(
            events=[
                given_trace.moved(
                    code, UnitState.IN_DEPOT, giver=recycler, at=given_trace.START - HOUR
                )
            ]
        )


def test_a_passport_cannot_be_edited_past_its_chain() -> None:
    recycler = given_trace.recycler()
    code = given_trace.unit(recycler)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with (
        pytest.raises(IntegrityError, match="trace_unit_is_head_of_chain"),
        transaction.atomic(),
    ):
        models.Unit.objects.filter(pk=code).update(state=UnitState.AT_DISMANTLER)

    assert selectors.get_passport(code, Scope()).state == UnitState.COLLECTED


@pytest.mark.parametrize("table", ["trace_event", "trace_eventepc", "trace_custody"])
def test_captured_facts_are_neither_changed_nor_deleted(table: str) -> None:
    given_trace.unit(given_trace.recycler())

    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_one_label_identifies_one_unit() -> None:
    recycler = given_trace.recycler()
    code = given_trace.unit(recycler)
    passport = selectors.get_passport(code, Scope())

    with pytest.raises(UnitCodeTaken) as refusal:
        services.commission_units(units=[_new_unit(code, recycler)])
    with pytest.raises(UnitCodeInvalid):
        services.commission_units(units=[_new_unit("HX2615020000042X", recycler)])

    assert refusal.value.facts == {"unit_code": code}
    assert models.Unit.objects.count() == 1
    assert passport.link == f"https://id.gs1.org/8004/9523715{code}"
    assert selectors.read_scanned(passport.link.lower()) == code


def _new_unit(code: str, org_id: object) -> services.NewUnit:
    return services.NewUnit(
        unit_code=code,
        class_code="refrigerator",
        order_id=given_trace.ids.new_id(),
        order_number="HS260601-1502-0000043-8",
        org_id=org_id,  # type: ignore[arg-type]
        region_code=given.COUNTY,
        region_path=given.COUNTY_PATH,
        at=given_trace.START + HOUR,
    )


def test_the_same_event_is_captured_once() -> None:
    recycler = given_trace.recycler()
    capture = given_trace.moved(
        given_trace.unit(recycler), UnitState.IN_DEPOT, giver=recycler, at=given_trace.START + HOUR
    )
    plain = services.Capture(capture.event, capture.org_id, capture.region_path)
    services.capture_events(events=[plain])
    before = _facts()

    with pytest.raises(EventAlreadyCaptured):
        services.capture_events(events=[plain])

    assert _facts() == before


def test_a_story_is_told_only_within_the_scope() -> None:
    recycler, stranger = given_trace.recycler(), given_trace.recycler()
    code = given_trace.unit(recycler)

    for scope in (
        Scope(region_path="370000/371500/371521"),
        Scope(region_path=given.COUNTY_PATH, org_id=stranger),
        Scope(person_id=given_trace.ids.new_id()),
    ):
        with pytest.raises(UnitUnknown):
            selectors.story(code, scope)
        assert selectors.list_events(scope=scope).total == 0
    assert len(selectors.story(code, Scope(region_path="370000", org_id=recycler))) == 1


def test_events_are_found_by_any_form_of_an_identifier() -> None:
    recycler = given_trace.recycler()
    code = given_trace.unit(recycler)
    other = given_trace.unit(recycler)

    urn = f"urn:epc:id:giai:9523715.{code}"
    found = selectors.list_events(scope=Scope(), epc=urn, biz_step="commissioning")

    assert [event.body["epcList"] for event in found.items] == [[selectors.digital_link(code)]]
    assert code != other
