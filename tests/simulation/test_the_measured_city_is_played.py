"""Weeks of the measured city through the real services: it adds up, and the truth stays out."""

from datetime import date

import pytest
from django.db import connection

from huanxin.simulation import services
from huanxin.simulation.types import Pattern

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAYS = {"first_on": date(2025, 6, 1), "last_on": date(2025, 6, 14)}


@pytest.fixture(scope="module")
def measured(django_db_setup, django_db_blocker):
    """One city for all tests of this module; its rows go with the transaction."""
    from django.db import transaction

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            yield services.measure_claims(seed=11, scale=150, **DAYS)
        finally:
            transaction.set_rollback(True)
            atomic.__exit__(None, None, None)


def ask(statement, values=()):
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        return cursor.fetchall()


def test_the_books_close_and_every_sale_is_a_claim(measured):
    assert measured.ledger_difference_fen == 0
    assert ask("SELECT count(*) FROM mart_claims_claim") == [(measured.claims,)]
    assert measured.claims > 50


def test_every_row_adds_up(measured):
    assert {row.pattern for row in measured.rows} <= set(Pattern)
    for row in measured.rows:
        stopped = row.at_gate + row.at_till + row.refused + row.held
        assert stopped + row.missed == row.committed, row.pattern
        assert 0 <= row.missed_fen <= row.committed_fen
        assert row.paid <= row.committed


def test_what_is_held_or_refused_by_the_machine_is_not_paid_without_a_person(measured):
    released = ask(
        "SELECT count(*) FROM mart_claims_claim WHERE is_released"
        " AND verify_status <> 'passed' AND audit_status <> 'passed'"
    )
    assert released == [(0,)]


def test_every_claim_was_decided_and_the_wait_was_measured(measured):
    waiting = ask(
        "SELECT count(*) FROM mart_claims_claim WHERE verify_status = 'waiting'"
        " AND submitted_epoch IS NOT NULL AND NOT is_returned"
    )
    assert waiting == [(0,)]
    assert measured.decided >= measured.claims * 9 // 10
    assert measured.decided_in_time <= measured.decided
    assert measured.slowest_s >= 2


def test_no_truth_about_the_frauds_is_in_the_platform(measured):
    words = [str(pattern) for pattern in Pattern]
    columns = ask(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name LIKE ANY(%s)"
        " AND data_type IN ('character varying', 'text', 'jsonb')",
        [["claims_sale", "claims_claim", "claims_evidence", "claims_reading", "vouchers_voucher",
          "identity_person", "identity_organisation", "claims_review"]],
    )  # fmt: skip
    assert len(columns) > 30
    for table, column in columns:
        for word in words:
            found = ask(
                f'SELECT count(*) FROM "{table}" WHERE "{column}"::text LIKE %s', [f"%{word}-%"]
            )
            assert found == [(0,)], f"{table}.{column} knows {word}"
