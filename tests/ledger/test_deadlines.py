"""A hold with an end: good until that instant, released by a row of its own from it on."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.kernel import clock
from huanxin.kernel.errors import RequestReused
from huanxin.ledger import models, selectors, services
from huanxin.ledger.errors import DeadlineInvalid, HoldClosed, HoldExpired
from huanxin.ledger.types import Balance
from tests import given_ledger as given

BEGINS = clock.moment(date(2026, 9, 1), 9)
ENDS = BEGINS + timedelta(hours=1)
JUST_BEFORE = ENDS - timedelta(microseconds=1)


def hold(amount_fen=30_000):
    with clock.standing_at(BEGINS):
        budget = given.budget(100_000)
        leg = replace(given.leg(budget, "payable:a", amount_fen), expires_at=ENDS)
        services.hold_transfers(legs=[leg])
    return leg


def expire(at):
    with clock.standing_at(at):
        return services.expire_held()


def post(leg, amount_fen=None, at=ENDS):
    with clock.standing_at(at):
        return services.post_held(posts=[(leg.key, amount_fen)])


def state_of(leg):
    [one] = selectors.transfers_of(leg.cause, leg.cause_id)
    return one.state


@pytest.mark.django_db
def test_it_is_good_to_the_last_microsecond_and_over_at_the_instant():
    leg = hold()
    assert expire(JUST_BEFORE) == 0
    assert selectors.get_balance(leg.debit).available_fen == 70_000
    assert expire(ENDS) == 1
    assert selectors.get_balance(leg.debit).available_fen == 100_000
    assert selectors.get_balance("payable:a") == Balance()
    assert state_of(leg) == "expired"
    assert expire(ENDS) == 0
    assert selectors.sum_check().difference_fen == 0
    assert selectors.sum_check().faults == ()


@pytest.mark.django_db
@pytest.mark.parametrize("amount_fen", [None, 10_000])
def test_it_can_be_posted_until_its_end_and_not_at_it(amount_fen):
    early, late = hold(), hold()
    first = post(early, amount_fen, at=JUST_BEFORE)
    with pytest.raises(HoldExpired):
        post(late, amount_fen, at=ENDS)
    assert state_of(late) == "pending"
    assert post(early, amount_fen, at=ENDS + timedelta(days=1)) == first  # a retry is answered
    assert expire(ENDS) == 1
    assert (state_of(early), state_of(late)) == ("posted", "expired")
    assert selectors.get_balance("payable:a").available_fen == (amount_fen or 30_000)


@pytest.mark.django_db
def test_what_expired_is_closed_to_everything_else():
    leg = hold()
    expire(ENDS)
    with pytest.raises(HoldClosed) as refusal:
        services.void_held(keys=[leg.key], reason="退货")
    assert refusal.value.facts["state"] == "到期释放"
    assert models.Transfer.objects.filter(pending__isnull=False).count() == 1


@pytest.mark.django_db
def test_a_voided_hold_does_not_expire_as_well():
    leg = hold()
    services.void_held(keys=[leg.key], reason="退货")
    assert expire(ENDS) == 0
    assert models.Deadline.objects.count() == 0
    assert state_of(leg) == "voided"


@pytest.mark.django_db
def test_a_hold_without_an_end_never_expires():
    with clock.standing_at(BEGINS):
        leg = given.leg(given.budget(100_000), "payable:a", 1)
        services.hold_transfers(legs=[leg])
    assert expire(BEGINS + timedelta(days=3650)) == 0
    assert state_of(leg) == "pending"


@pytest.mark.django_db
def test_of_many_the_longest_due_go_first_and_the_rest_next_time():
    legs = [hold(1) for _ in range(5)]
    with clock.standing_at(ENDS):
        assert [services.expire_held(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert {state_of(leg) for leg in legs} == {"expired"}


@pytest.mark.django_db
def test_the_end_belongs_to_the_content_of_a_hold():
    leg = hold()
    with clock.standing_at(BEGINS):
        assert services.hold_transfers(legs=[leg])
        for other in (replace(leg, expires_at=JUST_BEFORE), replace(leg, expires_at=None)):
            with pytest.raises(RequestReused):
                services.hold_transfers(legs=[other])
    expire(ENDS)
    with clock.standing_at(ENDS):
        assert services.hold_transfers(legs=[leg])  # answered as before, and holds nothing anew
    assert selectors.get_balance(leg.debit).available_fen == 100_000


@pytest.mark.django_db
def test_an_end_that_is_no_end_is_refused():
    with clock.standing_at(BEGINS):
        budget = given.budget(100_000)
        over = replace(given.leg(budget, "payable:a", 1), expires_at=BEGINS)
        with pytest.raises(DeadlineInvalid):
            services.hold_transfers(legs=[over])
        with pytest.raises(DeadlineInvalid):
            services.post_transfers(legs=[replace(over, expires_at=ENDS)])
    assert selectors.get_balance(budget).available_fen == 100_000


@pytest.mark.django_db
def test_the_database_keeps_ends_to_holds():
    leg = hold()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        models.Transfer.objects.filter(cause_id=leg.cause_id).update(expires_at=None)
    statement = (
        "INSERT INTO ledger_transfer (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen,"
        " expires_at, reason, made_at, made_on) SELECT 'posted', 'forged', cause_id, leg, debit_id,"
        " credit_id, 7, expires_at, '', made_at, made_on FROM ledger_transfer"
        " WHERE expires_at IS NOT NULL"
    )
    with (
        pytest.raises(IntegrityError, match="transfer_deadline_of_a_hold"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db
def test_an_expiry_before_its_time_is_found_by_the_proof():
    leg = hold()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_transfer (kind, cause, cause_id, leg, debit_id, credit_id,"
            " amount_fen, pending_id, reason, made_at, made_on) SELECT 'expired', cause, cause_id,"
            " leg, debit_id, credit_id, amount_fen, id, '', %s, made_on FROM ledger_transfer"
            " WHERE cause_id = %s",
            [JUST_BEFORE, leg.cause_id],
        )
    assert len(selectors.sum_check().faults) == 1


@pytest.mark.django_db(transaction=True)
def test_posting_and_expiring_at_once_leave_one_end(race):
    """One of them was in time; never both, whoever takes the accounts first."""
    legs = [hold(10_000) for _ in range(3)]

    def one(number):
        if number % 2:
            return expire(ENDS)
        with clock.standing_at(JUST_BEFORE):
            try:
                return services.post_held(posts=[(leg.key, 4_000) for leg in legs])
            except HoldClosed as refusal:
                return refusal

    outcomes = race(one, 6)
    states = {state_of(leg) for leg in legs}
    posted = [x for x in outcomes[::2] if isinstance(x, list)]
    assert len(states) == 1
    assert (states == {"posted"}) == bool(posted)
    assert sum(outcomes[1::2]) == (0 if posted else 3)
    assert selectors.get_balance("payable:a").available_fen == (12_000 if posted else 0)
    assert selectors.sum_check().difference_fen == 0
    assert models.Transfer.objects.filter(pending__isnull=False).count() == 3
    assert models.Deadline.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_control_without_the_once_rule_a_hold_ends_twice():
    """What the race would do without the unique index: released and paid, and the proof sees it."""
    leg = hold()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX transfer_resolved_once")
        try:
            for kind in ("expired", "post_pending"):
                cursor.execute(
                    "INSERT INTO ledger_transfer (kind, cause, cause_id, leg, debit_id, credit_id,"
                    " amount_fen, pending_id, reason, made_at, made_on) SELECT %s, cause, cause_id,"
                    " leg, debit_id, credit_id, amount_fen, id, '', made_at, made_on"
                    " FROM ledger_transfer WHERE cause_id = %s AND pending_id IS NULL",
                    [kind, leg.cause_id],
                )
            check = selectors.sum_check()
            assert check.difference_fen > 0
        finally:
            cursor.execute(
                "ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_transfer_append_only"
            )
            cursor.execute("DELETE FROM ledger_transfer WHERE pending_id IS NOT NULL")
            cursor.execute("ALTER TABLE ledger_transfer ENABLE TRIGGER USER")
            cursor.execute(
                "CREATE UNIQUE INDEX transfer_resolved_once ON ledger_transfer (pending_id)"
                " WHERE pending_id IS NOT NULL"
            )
