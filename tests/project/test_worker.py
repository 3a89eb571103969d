"""The worker's steps: alone, apart from each other, on few connections, quick to end."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.db import connection, transaction

from huanxin.kernel import audit, timers
from huanxin.kernel.actor import system_actor
from huanxin.project.steps import standard_steps
from huanxin.project.worker import _LOCK_SPACE, THREADS, Lane, Step, Worker

pytestmark = pytest.mark.django_db(transaction=True)
SLOW_WORKER = """
import django; django.setup()
from django.db import connection, transaction
from huanxin.project.steps import standard_steps
from huanxin.project.worker import Step, run
def slow(actor):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO worker_probe VALUES (1)")
        print("busy", flush=True)
        cursor.execute("SELECT pg_sleep(60)")
    return 0
run([Step(91, "slow", 1, slow)])
"""


def test_database_url() -> str:
    facts = connection.settings_dict
    return (
        f"postgresql://{facts['USER']}:{facts['PASSWORD']}@{facts['HOST']}:{facts['PORT']}"
        f"/{facts['NAME']}"
    )


test_database_url.__test__ = False


@contextmanager
def at_work(*steps):
    """A worker of these steps, its keeper's look taken as `run` takes it."""
    worker = Worker(steps)
    worker.start()
    try:
        yield worker
    finally:
        assert worker.finish()


def look_until(worker, is_so):
    """Look as the worker's keeper does, until something is so; five seconds at most."""
    until = time.monotonic() + 5
    while not is_so() and time.monotonic() < until:
        worker.look()
        time.sleep(0.02)
    assert is_so()


def turn_of(step):
    worker = Worker([step])
    return worker, worker.turns[0]


def fails(actor):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return 0


def test_a_failing_step_backs_off_and_the_others_do_not_notice(caplog):
    done = []
    steps = (
        Step(81, "fails", 0.1, fails),
        Step(82, "works", 0.05, lambda actor: done.append(1) or 0),
    )
    with caplog.at_level(logging.ERROR, logger="huanxin.worker"), at_work(*steps) as worker:
        look_until(worker, lambda: len(done) >= 12)
        failing, working = worker.turns
        assert 1 <= failing.failures <= 4  # tried after 0.2, 0.4, 0.8 s, not ten times
        assert working.failures == 0
    assert "fails failed 1 times" in caplog.text


def test_a_step_that_hangs_keeps_nobody_waiting_even_in_the_narrowest_lane():
    gate, done = threading.Event(), []
    hangs = [
        Step(91 + n, f"hangs{n}", 1, lambda actor: gate.wait(20) and 0, lane=lane)
        for n, lane in enumerate([Lane.QUICK, Lane.OUTSIDE, Lane.LONG])
    ]
    works = Step(95, "works", 0.05, lambda actor: done.append(1) or 0)
    waits = Step(96, "waits", 0.05, lambda actor: done.append("late") or 0, lane=Lane.LONG)
    with at_work(*hangs, works, waits) as worker:
        look_until(worker, lambda: len(done) >= 5)
        assert "late" not in done  # the control: one thread's lane does wait for what hangs in it
        gate.set()
        look_until(worker, lambda: "late" in done)


def test_a_worker_has_a_connection_for_each_thread_and_one_to_look_with():
    lanes = list(Lane)
    steps = [Step(100 + n, f"s{n}", 0.01, lambda actor: 0, lane=lanes[n % 3]) for n in range(12)]
    with at_work(*steps) as worker, psycopg.connect(test_database_url()) as other:
        look_until(worker, lambda: all(turn.count > 3 for turn in worker.turns))
        count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        mine = other.execute(count + " AND pid <> pg_backend_pid()").fetchone()[0]
    assert sum(THREADS.values()) == 5
    assert 4 <= mine <= 6


def test_a_step_is_never_done_twice_at_once_though_two_workers_are_at_it():
    at_it, most, turns = [], [], []

    def slow(actor):
        at_it.append(1)
        most.append(len(at_it))
        time.sleep(0.03)
        at_it.pop()
        turns.append(1)
        return 0

    with at_work(Step(86, "slow", 0.001, slow)) as one, at_work(Step(86, "slow", 0.001, slow)):
        look_until(one, lambda: len(turns) >= 8)
    assert max(most) == 1

    numbers = iter([187, 188])  # the control: under locks of their own they do overlap
    with (
        at_work(Step(next(numbers), "slow", 0.001, slow)) as one,
        at_work(Step(next(numbers), "slow", 0.001, slow)),
    ):
        look_until(one, lambda: max(most) == 2)


def test_a_step_that_recovers_forgets_its_failures():
    answers = iter([ValueError("once"), 5])

    def step(actor):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    worker, turn = turn_of(Step(83, "recovers", 3, step, full=6))
    assert (worker.do(turn), turn.failures, turn.error) == (6, 1, "ValueError")
    assert (worker.do(turn), turn.failures, turn.error) == (3, 0, "")


def test_a_full_batch_goes_on_without_a_pause():
    worker, turn = turn_of(Step(84, "full", 3, lambda actor: 500, full=500))
    assert worker.do(turn) == 0


def test_only_one_worker_at_a_time_does_a_step():
    done = []
    worker, turn = turn_of(Step(85, "alone", 3, lambda actor: done.append(1) or 0))
    with psycopg.connect(test_database_url(), autocommit=True) as other_worker:
        other_worker.execute("SELECT pg_advisory_lock(%s::int, 85)", [_LOCK_SPACE])
        assert worker.do(turn) == 3
        assert done == []
    until = time.monotonic() + 5
    while not done and time.monotonic() < until:  # the other's session ends a moment later
        worker.do(turn)
    assert done == [1]


def test_a_follower_rests_while_the_feed_stands_still_and_wakes_when_it_moves():
    followed, timed = [], []
    steps = (
        Step(88, "follows", 0.01, lambda actor: followed.append(1) or 0, is_follower=True),
        Step(89, "timed", 0.01, lambda actor: timed.append(1) or 0),
    )
    with at_work(*steps) as worker:
        look_until(worker, lambda: len(timed) > 5)
        before, due = len(followed), len(timed) + 10
        look_until(worker, lambda: len(timed) > due)  # the control: time goes on for a timed step
        assert before == len(followed) <= 2
        with transaction.atomic():
            audit.record(system_actor(), "kernel.probed", "probe", "1")
        look_until(worker, lambda: len(followed) > before)


def test_a_follower_that_failed_is_tried_again_though_the_feed_stands_still():
    tries = []

    def follows(actor):
        tries.append(1)
        if len(tries) < 3:
            raise ValueError("not yet")
        return 0

    with at_work(Step(88, "follows", 0.01, follows, is_follower=True)) as worker:
        look_until(worker, lambda: len(tries) == 3)


def test_how_a_step_fares_is_told_without_the_words_of_its_fault():
    def refuses(actor):
        raise ValueError("王女士 371502199001011234")

    worker, turn = turn_of(Step(97, "refuses", 2, refuses))
    worker.do(turn)
    worker.look()
    (told,) = timers.list_states()
    assert (told.name, told.turn_count, told.failure_count) == ("refuses", 1, 1)
    assert (told.is_running, told.error) == (False, "ValueError")
    assert not worker._state(turn).is_running


def test_a_worker_told_to_end_is_gone_in_two_seconds_and_its_half_step_never_happened():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE worker_probe (n int)")
    worker = subprocess.Popen(
        [sys.executable, "-c", SLOW_WORKER], stdout=subprocess.PIPE, text=True,
        env={
            **os.environ, "DATABASE_URL": test_database_url(),
            "DJANGO_SETTINGS_MODULE": "huanxin.project.settings",
            "PYTHONPATH": str(Path(__file__).parents[2] / "src"),
        },
    )  # fmt: skip
    try:
        assert worker.stdout.readline() == "busy\n"
        asked = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0
        assert time.monotonic() - asked < 5  # 1.5 s on a quiet machine; the step would take 60
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM worker_probe")
            assert cursor.fetchone() == (0,)
    finally:
        worker.kill()
        worker.stdout.close()
        worker.wait()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE worker_probe")


def test_no_two_steps_share_a_lock_or_a_name():
    steps = standard_steps()
    assert len({step.number for step in steps}) == len(steps)
    assert len({step.name for step in steps}) == len(steps)
