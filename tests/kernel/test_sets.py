"""Statements that travel together: all of them or none, and every error is heard."""

from uuid import uuid4

import psycopg
import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from huanxin.kernel import sets
from huanxin.kernel.models import FeedCursor

SQL = "huanxin.kernel.sql"


def take(count):
    return sets.Question(SQL, "take_serials", {"count": count}, lambda rows: [r[0] for r in rows])


def write_audit(**change):
    columns = {
        "subject_kinds": sets.texts(["thing"]), "subject_ids": sets.texts([str(uuid4())]),
        "region_paths": sets.texts([""]), "org_ids": sets.uuids([None]),
        "facts": sets.texts(["{}"]), "digests": sets.texts(["00" * 32]),
        "at": "2026-09-01T01:00:00Z", "actor_id": uuid4(), "actor_role": "system",
        "action": "test.done",
    }  # fmt: skip
    sets.write(SQL, "insert_audit", **(columns | change))


def write_one_broken(*, then_ask=False):
    with sets.sent_together():
        write_audit()
        broken()
        if then_ask:
            sets.ask(take(1))


def together(*steps):
    with sets.sent_together():
        for step in steps:
            step()


def broken():
    write_audit(digests=sets.texts(["00"]))


def lines():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_auditentry")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_what_travels_together_is_committed_together():
    with sets.sent_together():
        [serials, more] = sets.ask(take(3), take(2))
        write_audit()
        write_audit()
    assert [len(serials), len(more)] == [3, 2]
    assert len(set(serials + more)) == 5
    assert lines() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("then_ask", [True, False])
def test_one_broken_statement_undoes_all_and_is_raised(then_ask):
    with pytest.raises(IntegrityError, match="audit_digest_is_sha256"):
        write_one_broken(then_ask=then_ask)
    assert lines() == 0
    with sets.sent_together():
        write_audit()
    assert lines() == 1


@pytest.mark.django_db(transaction=True)
def test_inside_another_transaction_it_is_a_savepoint():
    with transaction.atomic():
        FeedCursor.objects.create(name="kept")
        with pytest.raises(IntegrityError):
            write_one_broken()
        with sets.sent_together():
            write_audit()
    assert lines() == 1
    assert FeedCursor.objects.filter(name="kept").exists()


@pytest.mark.django_db(transaction=True)
def test_kept_plans_are_planned_once_a_connection_and_only_where_it_was_asked_for():
    with sets.sent_together():
        sets.ask(take(1))
    assert prepared() == 0
    sets.keep_plans()
    try:
        for _ in range(3):
            with sets.sent_together():
                sets.ask(take(1))
        assert prepared() == 1
    finally:
        connection.close()  # the next test gets a connection without


def prepared():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_query_between_sees_what_was_sent_before_it():
    with sets.sent_together():
        write_audit()
        assert lines() == 1
        FeedCursor.objects.create(name="between")
        write_audit()
        [serials] = sets.ask(take(1))
    assert (lines(), len(serials)) == (2, 1)
    assert FeedCursor.objects.filter(name="between").exists()


@pytest.mark.django_db(transaction=True)
def test_a_query_between_hears_the_error_of_what_was_sent_before_it():
    with pytest.raises(IntegrityError, match="audit_digest_is_sha256"):
        together(broken, lines)
    assert lines() == 0


@pytest.mark.django_db(transaction=True)
def test_an_exception_inside_undoes_what_was_sent_and_leaves_the_connection_fit():
    with pytest.raises(ZeroDivisionError):
        together(write_audit, lambda: 1 // 0)
    assert lines() == 0
    together(write_audit)
    assert lines() == 1


@pytest.mark.django_db(transaction=True)
def test_a_plan_that_was_refused_with_its_batch_is_made_again():
    sets.keep_plans()
    with pytest.raises(IntegrityError):
        together(broken, lambda: sets.write(SQL, "take_serials", count=1))  # never reached
    with sets.sent_together():
        [serials] = sets.ask(take(2))
        write_audit()
    assert (len(serials), lines()) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_in_the_batch_is_an_operational_error():
    with pytest.raises(OperationalError):
        together(write_audit, lambda: sets.ask(take(1)), hang_up, lambda: sets.ask(take(1)))
    connection.close()
    assert lines() == 0


@pytest.mark.django_db(transaction=True)
def test_one_inside_another_is_undone_alone():
    with sets.sent_together():
        write_audit()
        with pytest.raises(IntegrityError):
            together(write_audit, broken)
        together(write_audit)
        write_audit()
        [serials] = sets.ask(take(2))
    assert (lines(), len(serials)) == (3, 2)


def hang_up():
    """The server ends our connection, as when it is killed."""
    secret = connection.settings_dict["PASSWORD"]
    with psycopg.connect(connection.connection.info.dsn, password=secret) as other:
        pid = connection.connection.info.backend_pid
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
