"""A month that was closed takes nothing more, and its balances can be proved for ever."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.kernel import clock
from huanxin.ledger import models, selectors, services
from huanxin.ledger.errors import (
    ClosingUnknown,
    MonthClosed,
    MonthNotOver,
    ReopeningNotAsked,
    SamePersonReopens,
)
from huanxin.ledger.types import AccountKind, Balance, Leg, NewAccount

pytestmark = pytest.mark.django_db

SEPTEMBER = date(2026, 10, 1)
IN_SEPTEMBER = clock.moment(date(2026, 9, 30), 23, 59)
IN_OCTOBER = clock.moment(SEPTEMBER, 8)
FIRST, SECOND = uuid4(), uuid4()


def given_money(amount_fen=100_00, at=IN_SEPTEMBER):
    accounts = [
        NewAccount("treasury:city", AccountKind.TREASURY),
        NewAccount("budget:371502:x", AccountKind.BUDGET),
    ]
    leg = Leg("budget.given", uuid4(), "city", "treasury:city", "budget:371502:x", amount_fen)
    with clock.standing_at(at):
        services.open_accounts(accounts=accounts)
        services.post_transfers(legs=[leg])


def close(until_on=SEPTEMBER, at=IN_OCTOBER):
    with clock.standing_at(at):
        return services.close_books(until_on=until_on, by=FIRST)


def test_a_closed_month_takes_no_transfer_and_the_current_one_does():
    given_money()
    closing = close()

    with pytest.raises(MonthClosed), transaction.atomic():
        given_money(1)
    given_money(1, at=IN_OCTOBER)

    assert models.Transfer.objects.count() == 2
    assert (closing.account_count, closing.transfer_count) == (2, 1)
    assert selectors.closing_balances(closing.id)["budget:371502:x"] == Balance(
        credits_posted_fen=100_00
    )
    assert selectors.prove_closing(closing).findings == ()


def test_without_the_trigger_the_closed_month_changes_and_the_proof_says_where():
    """The control: what the trigger keeps out, and that the seal shows it."""
    given_money()
    closing = close()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_closed_months")

    given_money(7)

    found = selectors.prove_closing(closing).findings
    assert found == (
        "账户 budget:371502:x：结账余额与流水相差 7 分",
        "账户 treasury:city：结账余额与流水相差 7 分",
    )


def test_a_seal_that_was_changed_is_seen():
    given_money()
    closing = close()
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Closing.objects.update(digest="0" * 64)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger_closingbalance DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_closingbalance SET credits_posted_fen = 1")

    assert "结账余额与封存的摘要不符" in selectors.prove_closing(closing).findings


def test_closing_again_changes_nothing_and_a_running_month_is_not_closed():
    given_money()

    assert close() == close(at=IN_OCTOBER + timedelta(days=1))
    with pytest.raises(MonthNotOver):
        close(date(2026, 11, 1))
    with pytest.raises(MonthClosed):
        close(date(2026, 9, 1))

    assert models.Closing.objects.count() == 1


def test_the_next_closing_is_chained_to_the_one_before():
    given_money()
    first = close()
    given_money(5, at=IN_OCTOBER)

    second = close(date(2026, 11, 1), at=clock.moment(date(2026, 11, 2), 9))

    assert second.previous_digest == first.digest
    assert selectors.closing_balances(second.id)["budget:371502:x"].credits_posted_fen == 100_05


def test_two_people_reopen_a_month_and_one_cannot():
    given_money()
    closing = close()
    with pytest.raises(ReopeningNotAsked):
        services.reopen_books(closing_id=closing.id, by=SECOND)
    services.ask_reopening(closing_id=closing.id, by=FIRST, reason="漏记一笔财政下达")
    with pytest.raises(SamePersonReopens):
        services.reopen_books(closing_id=closing.id, by=FIRST)
    with pytest.raises(IntegrityError, match="closing_reopened_by_two"), transaction.atomic():
        models.Closing.objects.update(approved_by=FIRST, reopened_at=IN_OCTOBER)

    reopened = services.reopen_books(closing_id=closing.id, by=SECOND)
    given_money(3)
    again = close()

    assert reopened.reopened_at is not None
    assert again.id != closing.id
    assert again.digest != closing.digest
    assert models.Closing.objects.count() == 2


def test_only_the_latest_closing_can_be_reopened():
    given_money()
    first = close()
    close(date(2026, 11, 1), at=clock.moment(date(2026, 11, 2), 9))

    with pytest.raises(ClosingUnknown):
        services.ask_reopening(closing_id=first.id, by=FIRST, reason="漏记一笔")


@pytest.mark.django_db(transaction=True)
def test_a_transfer_under_way_is_waited_for_and_counted(race):
    """Two hands at once: the closing counts what committed before it, nothing slips in after."""
    given_money()

    def act(i):
        return close() if i == 0 else given_money(i)

    answers = race(act, 6)

    [closing] = [one for one in answers if getattr(one, "digest", None)]
    refused = sum(isinstance(one, MonthClosed) for one in answers)
    assert closing.transfer_count == models.Transfer.objects.count()
    assert closing.transfer_count == 1 + 5 - refused
    assert selectors.prove_closing(closing).findings == ()
