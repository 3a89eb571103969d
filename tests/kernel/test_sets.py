"""Statements that travel together: all of them or none, and every error is heard."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

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
        write_audit(digests=sets.texts(["00"]))
        if then_ask:
            sets.ask(take(1))


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
