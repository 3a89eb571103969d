"""The writer alone, with a desk of the test's own: batching, poison, outage, closing."""

import asyncio
import threading
import time
from uuid import uuid4

import psycopg
import pytest
from django.db import OperationalError

from huanxin.gateway.errors import Busy, ClaimFailed, DatabaseAway
from huanxin.gateway.writer import Writer
from huanxin.vouchers.types import Claim, ClaimAnswer, ClaimOutcome


def claim(category="refrigerator"):
    return Claim(uuid4(), uuid4(), uuid4(), category)


def won(claims):
    return [ClaimAnswer(c.request_id, ClaimOutcome.WON, uuid4(), False, "") for c in claims]


class Desk:
    """Records the batches it decides; the first waits until it is let go."""

    def __init__(self, breaks=lambda claims: None):
        self.sizes, self.breaks, self.go = [], breaks, threading.Event()

    def __call__(self, claims):
        self.go.wait(10)
        self.sizes.append(len(claims))
        if error := self.breaks(claims):
            raise error
        return won(claims)


async def ask(writer, claims):
    return await asyncio.gather(*(writer.claim(c) for c in claims), return_exceptions=True)


def run(desk, claims, *, first=None, **limits):
    """Ask one claim, then all the others while the first is being decided."""

    async def story():
        writer = Writer(desk, **limits)
        opening = asyncio.create_task(ask(writer, [first or claim()]))
        await asyncio.sleep(0.05)
        rest = asyncio.create_task(ask(writer, claims))
        await asyncio.sleep(0.05)
        desk.go.set()
        answers = await opening + await rest
        await writer.close()
        return answers, writer

    return asyncio.run(story())


def test_while_one_commit_runs_the_next_batch_fills():
    desk = Desk()
    answers, writer = run(desk, [claim() for _ in range(50)])
    assert desk.sizes == [1, 50]
    assert [a.outcome for a in answers] == [ClaimOutcome.WON] * 51
    assert writer.figures.outcomes["won"] == 51


def test_a_batch_has_a_limit():
    desk = Desk()
    run(desk, [claim() for _ in range(50)], batch_limit=20)
    assert desk.sizes == [1, 20, 20, 10]


def test_everybody_gets_the_answer_to_their_own_request():
    claims = [claim() for _ in range(30)]
    answers, _ = run(Desk(), claims)
    assert [a.request_id for a in answers[1:]] == [c.request_id for c in claims]


@pytest.mark.parametrize("poison_count", [1, 3])
def test_poisoned_claims_fail_alone_and_their_neighbours_win(poison_count):
    desk = Desk(
        lambda claims: ValueError("bad") if any(c.category_code == "x" for c in claims) else None
    )
    claims = [claim() for _ in range(40)]
    for number in range(poison_count):
        claims[number * 13] = claim("x")
    answers, writer = run(desk, claims)
    failed = [a for a in answers if isinstance(a, ClaimFailed)]
    assert len(failed) == poison_count == writer.figures.outcomes["failed"]
    assert writer.figures.outcomes["won"] == 41 - poison_count


def test_without_the_database_those_who_wait_are_told_and_the_next_are_served():
    outages = [OperationalError("connection failed: Connection refused")]
    desk = Desk(lambda claims: outages.pop() if len(claims) > 1 and outages else None)

    async def story():
        writer = Writer(desk)
        desk.go.set()
        first = await ask(writer, [claim() for _ in range(5)])
        second = await ask(writer, [claim()])
        await writer.close()
        return first, second

    first, second = asyncio.run(story())
    assert {type(a) for a in first} == {DatabaseAway}
    assert second[0].outcome is ClaimOutcome.WON
    assert 5 in desk.sizes, "an outage is not halved: nobody is poison"


def test_a_connection_that_breaks_is_made_anew_and_the_batch_decided_again():
    breaks = [OperationalError("server closed the connection unexpectedly")]
    desk = Desk(lambda claims: breaks.pop() if breaks else None)
    answers, _ = run(desk, [claim() for _ in range(5)])
    assert {a.outcome for a in answers} == {ClaimOutcome.WON}
    assert desk.sizes == [1, 1, 5]


def test_a_lost_deadlock_is_tried_again():
    def deadlock(claims):
        if len(desk.sizes) > 2:
            return None
        error = OperationalError("deadlock detected")
        error.__cause__ = psycopg.errors.DeadlockDetected("deadlock detected")
        return error

    desk = Desk(deadlock)
    answers, _ = run(desk, [])
    assert answers[0].outcome is ClaimOutcome.WON
    assert desk.sizes == [1, 1, 1]


def test_a_full_queue_turns_people_away_at_once():
    answers, writer = run(Desk(), [claim() for _ in range(12)], queue_limit=10)
    assert sum(isinstance(a, Busy) for a in answers) == 2 == writer.figures.outcomes["turned_away"]
    assert writer.figures.outcomes["won"] == 11


def test_a_slow_answer_is_not_waited_for_for_ever():
    async def story():
        desk = Desk()
        writer = Writer(desk, answer_seconds=0.1)
        answers = await ask(writer, [claim()])
        desk.go.set()
        await writer.close()
        return answers

    assert isinstance(asyncio.run(story())[0], Busy)


def test_closing_answers_everybody_who_waits_and_turns_away_the_rest():
    async def story():
        desk = Desk()
        writer = Writer(desk)
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(ask(writer, [claim() for _ in range(20)]))
            await asyncio.sleep(0.05)
            tasks.create_task(writer.close())
            await asyncio.sleep(0.05)
            late = await ask(writer, [claim()])
            desk.go.set()
        return waiting.result(), late

    waiting, late = asyncio.run(story())
    assert [a.outcome for a in waiting] == [ClaimOutcome.WON] * 20
    assert isinstance(late[0], Busy)


def test_whoever_hangs_up_does_not_stop_the_others():
    async def story():
        desk = Desk()
        writer = Writer(desk)
        gone = asyncio.create_task(writer.claim(claim()))
        stays = asyncio.create_task(writer.claim(claim()))
        await asyncio.sleep(0.05)
        gone.cancel()
        desk.go.set()
        answer = await stays
        await writer.close()
        return answer

    assert asyncio.run(story()).outcome is ClaimOutcome.WON


def test_who_comes_now_is_told_how_long_it_will_take_by_batches_not_by_heads():
    class Slow(Desk):
        def __call__(self, claims):
            time.sleep(0.2)
            return super().__call__(claims)

    async def story():
        desk = Slow()
        desk.go.set()
        writer = Writer(desk, batch_limit=10, wait_seconds=0.5)
        assert writer.wait_seconds is None
        await ask(writer, [claim()])
        idle = writer.wait_seconds
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(ask(writer, [claim() for _ in range(15)]))
            await asyncio.sleep(0.05)
            few = writer.wait_seconds
            more = tasks.create_task(ask(writer, [claim() for _ in range(30)]))
        refused = [a for a in more.result() if isinstance(a, Busy)]
        served = [a for a in waiting.result() if isinstance(a, ClaimAnswer)]
        await writer.close()
        return idle, few, refused, served

    idle, few, refused, served = asyncio.run(story())
    assert 0.15 < idle < few
    assert len(served) == 15, "a short queue is never turned away, however slow the first batch was"
    assert refused, "a long one is, at once"
    assert all(r.facts["seconds"] >= 1 and r.facts["waiting"] > 0 for r in refused)
