from threading import Event, Thread

import pytest
from django.db import DatabaseError, connection, transaction

from huanxin.kernel import audit, feed
from huanxin.kernel.models import AuditEntry
from tests import given


def _write(subject: str) -> None:
    audit.record(given.system(), "demo.done", "thing", subject, region_path="370000", n=1)


@pytest.mark.django_db
def test_an_audit_line_cannot_be_changed_or_removed():
    _write("a")
    for change in ("UPDATE kernel_auditentry SET action = 'x'", "DELETE FROM kernel_auditentry"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)
    assert AuditEntry.objects.get().action == "demo.done"


@pytest.mark.django_db
def test_control_without_the_trigger_the_line_can_be_changed():
    _write("a")
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE kernel_auditentry DISABLE TRIGGER kernel_auditentry_append_only"
        )
        cursor.execute("UPDATE kernel_auditentry SET action = 'x'")
        cursor.execute("ALTER TABLE kernel_auditentry ENABLE TRIGGER kernel_auditentry_append_only")
    assert AuditEntry.objects.get().action == "x"


@pytest.mark.django_db(transaction=True)
def test_a_row_that_commits_late_is_not_lost_to_the_feed():
    wrote, go = Event(), Event()

    def late() -> None:
        try:
            with transaction.atomic():
                _write("late")
                wrote.set()
                go.wait(10)
        finally:
            connection.close()

    writer = Thread(target=late)
    writer.start()
    wrote.wait(10)
    with transaction.atomic():
        _write("early")
    with transaction.atomic():
        first = [row.subject_id for row in feed.pull("test")]
    go.set()
    writer.join()
    given.settled_feed()
    with transaction.atomic():
        second = [row.subject_id for row in feed.pull("test")]

    assert first == []  # 'early' has a higher transaction id than one still running: it waits
    assert second == ["late", "early"]


@pytest.mark.django_db(transaction=True)
def test_control_a_cursor_over_ids_alone_loses_the_late_row():
    wrote, go = Event(), Event()

    def late() -> None:
        try:
            with transaction.atomic():
                _write("late")
                wrote.set()
                go.wait(10)
        finally:
            connection.close()

    writer = Thread(target=late)
    writer.start()
    wrote.wait(10)
    with transaction.atomic():
        _write("early")
    seen = list(AuditEntry.objects.order_by("id").values_list("id", "subject_id"))
    go.set()
    writer.join()
    later = AuditEntry.objects.filter(id__gt=seen[-1][0]).values_list("subject_id", flat=True)

    assert [subject for _, subject in seen] == ["early"]
    assert list(later) == []


@pytest.mark.django_db(transaction=True)
def test_two_readers_each_see_every_row_once():
    with transaction.atomic():
        _write("a")
    given.settled_feed()
    seen = []
    for reader in ("one", "two", "one"):
        with transaction.atomic():
            seen.append([row.subject_id for row in feed.pull(reader)])
    assert seen == [["a"], ["a"], []]
