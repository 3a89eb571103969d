"""The worker's loops: alone at their step, apart from each other, quick to end."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from huanxin.kernel.actor import system_actor
from huanxin.project.steps import standard_steps
from huanxin.project.worker import _LOCK_SPACE, Loop, Step, finish

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


def work_for(seconds, *steps):
    stop = threading.Event()
    loops = [Loop(step, stop) for step in steps]
    for loop in loops:
        loop.start()
    time.sleep(seconds)
    stop.set()
    finish(loops)
    return loops


def test_a_failing_step_backs_off_and_the_others_do_not_notice(caplog):
    done = []

    def fails(actor):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        return 0

    with caplog.at_level(logging.ERROR, logger="huanxin.worker"):
        failing, working = work_for(
            1.0,
            Step(81, "fails", 0.1, fails),
            Step(82, "works", 0.05, lambda a: done.append(a) or 0),
        )
    assert 2 <= failing.failures <= 4  # tried after 0.2, 0.4, 0.8 s, not ten times
    assert working.failures == 0
    assert len(done) >= 8
    assert done[0].role == system_actor().role
    assert "fails failed 1 times" in caplog.text


def test_a_step_that_recovers_forgets_its_failures():
    answers = iter([ValueError("once"), 5])

    def step(actor):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    loop = Loop(Step(83, "recovers", 3, step, full=6), threading.Event())
    assert (loop.once(), loop.failures) == (6, 1)
    assert (loop.once(), loop.failures) == (3, 0)


def test_a_full_batch_goes_on_without_a_pause():
    loop = Loop(Step(84, "full", 3, lambda actor: 500, full=500), threading.Event())
    assert loop.once() == 0


def test_only_one_worker_at_a_time_does_a_step():
    done = []
    loop = Loop(Step(85, "alone", 3, lambda actor: done.append(1) or 0), threading.Event())
    with psycopg.connect(test_database_url(), autocommit=True) as other_worker:
        other_worker.execute("SELECT pg_advisory_lock(%s::int, 85)", [_LOCK_SPACE])
        assert loop.once() == 3
        assert done == []
    until = time.monotonic() + 5
    while not done and time.monotonic() < until:  # the other's session ends a moment later
        loop.once()
    assert done == [1]


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
