"""Two people do the same thing to the same unit at the same moment: it happens once."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from huanxin.kernel import clock
from huanxin.recycling import _chain, models
from huanxin.recycling.errors import OrderStateRefuses, UnitNotHere
from huanxin.recycling.services import dismantling, visiting
from huanxin.recycling.types import UnitState
from huanxin.recycling.types.door import PickupReceipt
from huanxin.recycling.types.floor import CertificateCard
from huanxin.trace import errors as trace_errors
from huanxin.trace import models as trace_models
from tests import given_recycling

pytestmark = pytest.mark.django_db(transaction=True)


def _two_runs(race: Any) -> list[Any]:
    here = given_recycling.city()
    _, codes = given_recycling.until_dismantler(here)
    run, clerk = given_recycling.run(here, codes), here.clerk

    def take_apart(number: int) -> CertificateCard:
        del number
        with clock.standing_at(given_recycling.later(24)):
            return dismantling.dismantle(actor=clerk, runs=[run], request_id=uuid4())[0]

    answers: list[Any] = race(take_apart, 2)
    return answers


def test_two_clerks_dismantle_one_unit_once(race: Any) -> None:
    answers = _two_runs(race)

    assert sorted(type(answer).__name__ for answer in answers) == [
        "CertificateCard",
        UnitNotHere.__name__,
    ]
    assert models.Run.objects.count() == models.RunUnit.objects.count() == 1


def test_without_the_look_under_the_lock_only_the_chain_refuses_the_second(
    race: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lock_units(codes: tuple[str, ...], *states: UnitState) -> dict[str, models.Unit]:
        del states
        rows = models.Unit.objects.filter(unit_code__in=codes).select_related("order", "lot")
        return {row.unit_code or "": row for row in rows}

    monkeypatch.setattr(_chain, "lock_units", lock_units)

    answers = _two_runs(race)

    refused = [answer for answer in answers if not isinstance(answer, CertificateCard)]
    assert len(refused) == 1
    assert not isinstance(refused[0], UnitNotHere)  # the control: nobody looked
    assert isinstance(refused[0], IntegrityError | trace_errors.StepNotAllowed)
    assert models.Run.objects.count() == 1


def test_two_workers_collect_one_order_once_and_she_is_paid_once(race: Any) -> None:
    here = given_recycling.city()
    order = given_recycling.booked()
    given_recycling.planned(here)
    pickup, collector = given_recycling.pickup(order), here.collector

    def collect(number: int) -> PickupReceipt:
        del number
        with clock.standing_at(given_recycling.later(14)):
            return visiting.collect_unit(actor=collector, pickup=pickup, request_id=uuid4())

    answers = race(collect, 3)

    assert sum(isinstance(answer, PickupReceipt) for answer in answers) == 1
    assert sum(isinstance(answer, OrderStateRefuses) for answer in answers) == 2
    assert models.Payout.objects.count() == trace_models.Unit.objects.count() == 1
