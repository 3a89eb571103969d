"""Promises 1 and 3 under concurrency, each with a control that breaks without its protection."""

import contextlib
import dataclasses
import threading
from unittest import mock

import pytest
from django.db import IntegrityError, connection

from huanxin.kernel import sets
from huanxin.ledger import selectors as ledger
from huanxin.vouchers import models, selectors
from huanxin.vouchers.types import ClaimOutcome as Outcome
from tests import given
from tests import given_vouchers as gv

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, EACH, PLACES = 8, 5, 12


def won(answers):
    return [a for batch in answers for a in batch if a.outcome is Outcome.WON]


def test_forty_people_in_eight_threads_get_exactly_the_twelve_places(race):
    pool_id = gv.pool(quantity=PLACES)
    people = [given.person() for _ in range(THREADS * EACH)]

    def claim(number):
        mine = people[number * EACH : (number + 1) * EACH]
        return [gv.claims(gv.claim(pool_id, who))[0] for who in mine]

    answers = race(claim, THREADS)
    assert len(won(answers)) == PLACES
    assert models.Voucher.objects.count() == PLACES
    assert models.Voucher.objects.values("person_id").distinct().count() == PLACES
    assert selectors.get_pool(pool_id).remaining == 0
    assert gv.free_fen(pool_id) == 0
    assert ledger.sum_check().difference_fen == 0


def test_one_person_in_eight_threads_wins_once(race):
    pool_id, who = gv.pool(quantity=PLACES), given.person()
    answers = race(lambda _: gv.claims(gv.claim(pool_id, who)), THREADS)
    assert len(won(answers)) == 1
    owned = {a.voucher_id for batch in answers for a in batch}
    assert owned == {models.Voucher.objects.get().id}
    assert selectors.get_pool(pool_id).remaining == PLACES - 1


def test_one_person_at_two_pools_wins_once_and_gives_up_no_place(race):
    pools = [gv.pool(quantity=1), gv.pool(quantity=1, region_code="371521")]
    who, next_in_line = given.person(), [given.person(), given.person()]

    def claim(number):
        pool_id = pools[number % 2]
        asked = [gv.claim(pool_id, who), gv.claim(pool_id, next_in_line[number % 2])]
        return gv.claims(*asked)

    answers = race(claim, 2)
    assert len(won(answers)) == 2  # both places went to somebody
    assert models.Voucher.objects.filter(person_id=who.id).count() == 1
    assert ledger.sum_check().difference_fen == 0


def test_a_repeated_request_raced_by_many_wins_once(race):
    pool_id = gv.pool(quantity=PLACES)
    asked = gv.claim(pool_id, given.person())
    answers = race(lambda _: gv.claims(asked), THREADS)
    assert len({a.voucher_id for a in won(answers)}) == 1
    assert [a.is_repeat for a in won(answers)].count(False) == 1
    assert models.Voucher.objects.count() == 1


def _unlocked():
    """The claim path with the lock taken out of the statement that reads the pools."""

    def read(package, name):
        file = READ(package, name)
        if name != "lock_pools":
            return file
        assert "FOR NO KEY UPDATE OF p" in file.text
        return dataclasses.replace(file, text=file.text.replace("FOR NO KEY UPDATE OF p", ""))

    return mock.patch.object(sets, "read_sql", read)


def _meeting(after, threads):
    """sets.ask() whose callers wait for each other once they have read what they decide on."""
    barrier = threading.Barrier(threads)

    def ask(*questions):
        answers = ASK(*questions)
        if after in {question.name for question in questions}:
            with contextlib.suppress(threading.BrokenBarrierError):
                barrier.wait(timeout=20)
        return answers

    return mock.patch.object(sets, "ask", ask)


ASK, READ = sets.ask, sets.read_sql


def test_control_without_the_pool_lock_the_constraint_has_to_stop_the_overselling(race):
    pool_id = gv.pool(quantity=2, budget_fen=10 * gv.CAP_FEN)
    people = [given.person() for _ in range(6)]
    with (
        _unlocked(),
        _meeting("standings", 6),
    ):
        answers = race(lambda number: gv.claims(gv.claim(pool_id, people[number])), 6)

    refused = [x for x in answers if isinstance(x, IntegrityError)]
    assert refused, "nobody raced: the control proves nothing"
    assert all("remaining" in str(x) or "pool_never_oversold" in str(x) for x in refused)
    assert models.Voucher.objects.count() == 2


def test_control_without_lock_and_constraints_the_pool_is_oversold(race):
    pool_id = gv.pool(quantity=2, budget_fen=10 * gv.CAP_FEN)
    people = [given.person() for _ in range(6)]
    drop = "ALTER TABLE vouchers_pool DROP CONSTRAINT {}"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'vouchers_pool'::regclass AND contype = 'c'"
            " AND pg_get_constraintdef(oid) LIKE '%remaining%'"
        )
        guards = cursor.fetchall()
        assert "pool_never_oversold" in {name for name, _ in guards}
        for name, _ in guards:
            cursor.execute(drop.format(name))
    try:
        with (
            _unlocked(),
            _meeting("standings", 6),
        ):
            race(lambda number: gv.claims(gv.claim(pool_id, people[number])), 6)
        assert models.Voucher.objects.count() == 6  # of two places
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE vouchers_pool, vouchers_voucher CASCADE")
            for name, definition in guards:
                cursor.execute(f"ALTER TABLE vouchers_pool ADD CONSTRAINT {name} {definition}")


def test_control_without_the_right_index_one_person_wins_at_both_pools(race):
    pools = [gv.pool(quantity=1), gv.pool(quantity=1, region_code="371521")]
    who = given.person()
    index = "voucher_right_once"
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [index])
        [definition] = cursor.fetchone()
        cursor.execute(f"DROP INDEX {index}")
    try:
        with _meeting("standings", 2):
            race(lambda number: gv.claims(gv.claim(pools[number], who)), 2)
        assert models.Voucher.objects.filter(person_id=who.id).count() == 2
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE vouchers_voucher CASCADE")
            cursor.execute(definition)
