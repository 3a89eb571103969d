"""A unit is taken apart once, where it was received, and its mass comes out again."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.identity.types import OrgKind
from huanxin.kernel import clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.models import AuditEntry
from huanxin.recycling import _chain, models, rules
from huanxin.recycling.errors import MassOutOfBalance, MaterialUnknown, UnitNotHere
from huanxin.recycling.selectors import order_book, stock_book
from huanxin.recycling.services import dismantling
from huanxin.recycling.types import OrderState, UnitState
from huanxin.recycling.types.floor import MaterialOut, NewRun
from huanxin.trace import models as trace_models
from huanxin.trace import rules as trace_rules
from tests import given, given_recycling

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> given_recycling.City:
    return given_recycling.city()


def _facts() -> tuple[int, ...]:
    return (
        models.Run.objects.count(),
        models.RunUnit.objects.count(),
        models.RunMaterial.objects.count(),
        trace_models.Event.objects.count(),
        trace_models.Custody.objects.count(),
        AuditEntry.objects.count(),
    )


def _dismantle(here: given_recycling.City, run: NewRun) -> None:
    with clock.standing_at(given_recycling.later(24)):
        dismantling.dismantle(actor=here.clerk, runs=[run], request_id=uuid4())


def test_mass_out_of_balance_is_refused_and_nothing_is_written(
    here: given_recycling.City,
) -> None:
    order, codes = given_recycling.until_dismantler(here)
    before = _facts()
    short = given_recycling.run(here, codes, mass_g=62_700 * 97 // 100 - 1)

    with pytest.raises(MassOutOfBalance) as refusal:
        _dismantle(here, short)

    assert refusal.value.facts == {
        "mass_in_g": 62_700,
        "mass_out_g": 60_818,
        "difference_g": 1_882,
        "allowed_g": 1_881,
    }
    assert _facts() == before
    assert order_book.cards([order.id])[0].units[0].state == UnitState.AT_DISMANTLER


def test_a_run_at_the_edge_of_the_tolerance_holds(here: given_recycling.City) -> None:
    order, codes = given_recycling.until_dismantler(here)

    _dismantle(here, given_recycling.run(here, codes, mass_g=62_700 * 97 // 100))

    run = models.Run.objects.get()
    assert (run.mass_in_g, run.mass_out_g, run.tolerance_bps) == (62_700, 60_819, 300)
    assert order_book.cards([order.id])[0].state == OrderState.COMPLETED


def test_the_database_refuses_an_unbalanced_run_even_when_the_rule_is_off(
    here: given_recycling.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, codes = given_recycling.until_dismantler(here)
    monkeypatch.setattr(rules, "check_balance", lambda balance: None)
    half = given_recycling.run(here, codes, mass_g=31_350)

    with pytest.raises(IntegrityError, match="run_mass_balances"), transaction.atomic():
        _dismantle(here, half)

    _drop("recycling_run", "run_mass_balances")  # the control: half a fridge disappears
    _dismantle(here, half)
    assert models.Run.objects.get().mass_out_g == 31_350


def test_a_unit_dismantled_twice_is_refused(here: given_recycling.City) -> None:
    _, codes = given_recycling.until_dismantler(here)
    _dismantle(here, given_recycling.run(here, codes))
    before = _facts()

    with pytest.raises(UnitNotHere, match="已拆解"):
        _dismantle(here, given_recycling.run(here, codes))

    assert _facts() == before


def test_the_database_refuses_a_second_dismantling_even_when_the_rules_are_off(
    here: given_recycling.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, codes = given_recycling.until_dismantler(here)
    _dismantle(here, given_recycling.run(here, codes))
    _rules_off(monkeypatch)
    again = given_recycling.run(here, codes)

    with pytest.raises(IntegrityError, match="trace_custody_step_allowed"), transaction.atomic():
        _dismantle(here, again)
    _drop("trace_custody", "trace_custody_step_allowed")
    with pytest.raises(IntegrityError, match="unit_id"), transaction.atomic():
        _dismantle(here, again)

    _drop("recycling_rununit", _unique_name())  # the control: now it is dismantled twice
    _dismantle(here, again)
    assert models.RunUnit.objects.filter(unit__unit_code=codes[0]).count() == 2


def test_a_unit_is_not_dismantled_before_it_was_received(here: given_recycling.City) -> None:
    order = given_recycling.booked()
    given_recycling.planned(here)
    codes = given_recycling.collected(here, order).unit_codes
    given_recycling.at_depot(here, codes)
    given_recycling.shipped(here, codes)

    with pytest.raises(UnitNotHere, match="运输途中"):
        _dismantle(here, given_recycling.run(here, codes))

    assert models.Run.objects.count() == 0


def test_a_dismantler_takes_apart_only_what_it_received_itself(
    here: given_recycling.City,
) -> None:
    _, codes = given_recycling.until_dismantler(here)
    elsewhere = given_recycling.City(
        here.recycler_id, given.organisation(OrgKind.DISMANTLER), here.van_ids
    )

    with pytest.raises(UnitNotHere, match="不是本单位验收的旧机"):
        _dismantle(elsewhere, given_recycling.run(elsewhere, codes))


def test_a_material_that_the_class_does_not_have_is_refused(here: given_recycling.City) -> None:
    _, codes = given_recycling.until_dismantler(here)

    for outputs in (
        (MaterialOut("crt_glass", 62_700),),
        (MaterialOut("iron", 31_350), MaterialOut("iron", 31_350)),
    ):
        with pytest.raises(MaterialUnknown):
            _dismantle(here, NewRun(here.dismantler_id, codes, outputs))


def test_a_run_holds_one_waste_class(here: given_recycling.City) -> None:
    units = (given_recycling.answers(), given_recycling.answers("air_conditioner"))
    order = given_recycling.booked(units=units)
    given_recycling.planned(here)
    codes = given_recycling.collected(here, order).unit_codes
    given_recycling.at_depot(here, codes)
    given_recycling.at_dismantler(here, given_recycling.shipped(here, codes))

    with pytest.raises(UnitNotHere, match="只能拆解同一类"):
        _dismantle(here, given_recycling.run(here, codes))


def test_the_transformation_event_names_units_in_and_materials_out(
    here: given_recycling.City,
) -> None:
    _, codes = given_recycling.until_dismantler(here)
    _dismantle(here, given_recycling.run(here, codes))

    run = models.Run.objects.get()
    event = stock_book.unit_story(codes[0], Scope())[-1].event

    assert event["eventID"] == run.event_id
    assert event["inputEPCList"] == [f"https://id.gs1.org/8004/9523715{codes[0]}"]
    out = {q["epcClass"].rpartition("/")[2]: q for q in event["outputQuantityList"]}
    assert out["iron"] == {
        "epcClass": "https://ns.huanxin.example/trade-in/material/iron",
        "quantity": 26.334,
        "uom": "KGM",
    }
    assert sum(round(q["quantity"] * 1000) for q in out.values()) == run.mass_out_g


def test_an_order_is_complete_when_its_last_unit_is(here: given_recycling.City) -> None:
    order = given_recycling.booked(units=(given_recycling.answers(), given_recycling.answers()))
    given_recycling.planned(here)
    first, second = given_recycling.collected(here, order).unit_codes
    given_recycling.at_depot(here, (first, second))
    given_recycling.at_dismantler(here, given_recycling.shipped(here, (first, second)))

    given_recycling.dismantled(here, (first,))
    halfway = order_book.cards([order.id])[0].state
    with clock.standing_at(given_recycling.EVENING + timedelta(hours=1)):
        given_recycling.dismantled(here, (second,))

    assert halfway == OrderState.RECEIVED
    assert order_book.cards([order.id])[0].state == OrderState.COMPLETED


def _rules_off(monkeypatch: pytest.MonkeyPatch) -> None:
    def lock_units(codes: tuple[str, ...], *states: UnitState) -> dict[str, models.Unit]:
        del states
        rows = models.Unit.objects.filter(unit_code__in=codes).select_related("order", "lot")
        return {row.unit_code or "": row for row in rows}

    monkeypatch.setattr(_chain, "lock_units", lock_units)
    monkeypatch.setattr(
        trace_rules,
        "next_link",
        lambda head, move, at: trace_rules.Link(head.seq + 1, move.to_org_id, move.to_state, at),
    )


def _unique_name() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'u'"
            " AND conrelid = 'recycling_rununit'::regclass"
        )
        return str(cursor.fetchone()[0])


def _drop(table: str, constraint: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
