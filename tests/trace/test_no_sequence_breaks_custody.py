"""Whatever is scanned, repeated, replayed or reordered: chains stay whole and no mass appears.

A thousand random acts on a handful of units by several parties: sound ones, thefts, repeats of what
was sent before (an offline phone that sends again), stale replays, wrong containers, wrong times.
What the services take must leave every chain unbroken; what they refuse must leave no trace.
"""

import random
from datetime import timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from huanxin.kernel.errors import DomainError
from huanxin.trace import models, rules, services
from huanxin.trace.types import Action, Capture, Event, EventType, Move, UnitState
from tests import given, given_trace

pytestmark = pytest.mark.django_db
ACTS, UNITS = 350, 4
_STATES = list(UnitState)


class Yard:
    """Units, parties, and everything ever sent, so that it can be sent again."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.parties = [given_trace.recycler(), given_trace.recycler(), given_trace.dismantler()]
        self.codes = [given_trace.unit(self.parties[0]) for _ in range(UNITS)]
        self.sent: list[Capture] = []
        self.taken = 0

    def act(self, n: int) -> None:
        capture = (
            self.chance.choice(self.sent)
            if self.sent and self.chance.random() < 0.25  # a retry or a stale replay
            else self._made(n)
        )
        self.sent.append(capture)
        before = facts()
        try:
            with transaction.atomic():
                services.capture_events(events=[capture])
            self.taken += 1
        except (DomainError, IntegrityError):
            assert facts() == before, "a refusal left something behind"

    def _made(self, n: int) -> Capture:
        code = self.chance.choice(self.codes)
        unit = models.Unit.objects.get(pk=code)
        lawful = sorted(to for was, to in rules.TRANSITIONS if was == unit.state)  # a set
        is_lawful = self.chance.random() < 0.7 and lawful
        state = self.chance.choice(lawful if is_lawful else _STATES)
        giver: UUID = unit.holder_id if is_lawful else self.chance.choice(self.parties)
        ahead = n + 1 if self.chance.random() < 0.9 else -self.chance.randint(1, 50)
        at = given_trace.START + timedelta(minutes=ahead)
        taker = self.chance.choice([giver, *self.parties])
        mass = self.chance.choice([None, 62_500, 61_900, 0, -5])
        certificate = "ZM1" if state == UnitState.DISMANTLED else None
        move = Move(code, giver, taker, state, mass_g=mass, certificate_no=certificate)
        return Capture(self._event(code, state, at), giver, given.COUNTY_PATH, (move,))

    def _event(self, code: str, state: UnitState, at) -> Event:
        if state == UnitState.IN_LOT or self.chance.random() < 0.15:
            action = self.chance.choice([Action.ADD, Action.ADD, Action.DELETE])
            other = given_trace.box(self.chance.choice(self.codes))
            return given_trace.packing(code, at=at, action=action, container=other)
        epcs = (given_trace.selectors.digital_link(code),)
        return Event(
            type=EventType.OBJECT, at=at, biz_step="receiving", action=Action.OBSERVE,
            epc_list=epcs,
        )  # fmt: skip


def facts() -> tuple[int, int, list[object]]:
    heads = models.Unit.objects.order_by("pk").values_list("pk", "seq", "mass_g", "container")
    return models.Event.objects.count(), models.Custody.objects.count(), list(heads)


def broken(codes: list[str]) -> list[str]:
    """What is wrong with any chain."""
    found = []
    for unit in models.Unit.objects.filter(pk__in=codes):
        links = list(models.Custody.objects.filter(unit=unit).order_by("seq"))
        for before, after in pairwise(links):
            follows = (
                after.from_holder_id == before.to_holder_id
                and after.from_state == before.to_state
                and after.at >= before.at
                and (before.to_state, after.to_state) in rules.TRANSITIONS
            )
            if not follows:
                found.append(f"{unit.pk} breaks at {after.seq}")
        ends = [link for link in links if link.to_state in rules.TERMINAL]
        if len(ends) > 1 or (ends and ends[0] != links[-1]):
            found.append(f"{unit.pk} goes on after its end")
        masses = [link.mass_g for link in links if link.mass_g is not None]
        if any(mass <= 0 for mass in masses) or unit.mass_g != (masses[-1] if masses else None):
            found.append(f"{unit.pk} has mass from nowhere")
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_sequence_of_scans_retries_and_replays_breaks_custody(seed: int) -> None:
    yard = Yard(seed)
    for n in range(ACTS):
        yard.act(n)
    assert yard.taken > 10, "the walk must get somewhere"
    assert broken(yard.codes) == []
    assert models.Unit.objects.count() == UNITS  # nothing came from nowhere


def test_the_walk_would_notice_a_chain_without_its_protections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.db import connection

    yard = Yard(1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, name in (
            ("trace_custody", "trace_custody_from_last_link"),
            ("trace_custody", "trace_custody_step_allowed"),
            ("trace_custody", "trace_custody_follows_on"),
            ("trace_unit", "trace_unit_is_head_of_chain"),
            ("trace_unit", "trace_unit_boxed_while_in_lot"),
            ("trace_unit", "trace_unit_closed_when_over"),
        ):
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    monkeypatch.setattr(
        rules,
        "next_link",
        lambda head, move, at: rules.Link(head.seq + 1, move.to_org_id, move.to_state, at),
    )
    for n in range(60):
        yard.act(n)
    assert broken(yard.codes) != []
