"""The trail is read within a region, and a line's text is what its digest was made of."""

import hashlib
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from huanxin.identity.types import Role
from huanxin.kernel import audit, auditlog, clock
from huanxin.kernel.actor import Scope
from huanxin.kernel.audit import Entry
from huanxin.kernel.auditlog import AuditFilter
from huanxin.kernel.errors import NotFound
from tests import given

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 9, 1, 12, tzinfo=clock.SHANGHAI)
EAST, WEST = "370000/371500/371502", "370000/371500/371521"


def write(action: str, region_path: str) -> None:
    with transaction.atomic():
        facts = {"amount_fen": 12, "said": "聊城 “好”", "list": [1, None, True]}
        audit.record_many(given.system(), action, [Entry("thing", "1", region_path, None, facts)])


def test_lines_end_at_the_region_and_the_citys_own_are_everyones():
    for path in (EAST, WEST, ""):
        write("demo.done", path)
    seen = auditlog.list_lines(Scope(EAST)).items
    assert [line.region_path for line in seen] == ["", EAST]
    west = auditlog.list_lines(Scope(WEST)).items[1]
    with pytest.raises(NotFound):
        auditlog.get_line(west.id, Scope(EAST))
    assert auditlog.get_line(west.id, Scope("370000/371500")) == west


def test_a_room_or_an_action_is_asked_for_and_not_what_begins_like_it():
    for action in ("demo.done", "demo.undone", "demolition.done"):
        write(action, "")
    found = [
        [line.action for line in
         auditlog.list_lines(Scope(), where=AuditFilter(actions=asked)).items]
        for asked in (["demo"], ["demo.done"], ["demolition", "demo.done"])
    ]  # fmt: skip
    assert found == [
        ["demo.undone", "demo.done"], ["demo.done"], ["demolition.done", "demo.done"],
    ]  # fmt: skip


def test_lines_are_found_by_who_did_what_to_what_and_when():
    officer, other = given.staff(Role.REVIEWER), given.staff(Role.REVIEWER)
    with clock.standing_at(NOON), transaction.atomic():
        audit.record(officer, "demo.done", "thing", "1")
        audit.record(other, "demo.done", "thing", "2")
    with clock.standing_at(NOON + timedelta(days=1)), transaction.atomic():
        audit.record(officer, "demo.done", "thing", "3")

    def found(**asked):
        lines = auditlog.list_lines(Scope(), where=AuditFilter(**asked)).items
        return [line.subject_id for line in lines]

    assert found(actor_ids=[officer.account_id]) == ["3", "1"]
    assert found(actor_ids=[]) == []
    assert found(subject=("thing", "2")) == ["2"]
    assert found(subject=("other", "2")) == []
    assert found(from_at=NOON + timedelta(days=1)) == ["3"]
    assert found(to_at=NOON + timedelta(days=1)) == ["2", "1"]


def test_the_text_of_a_line_gives_its_digest():
    write("demo.done", EAST)
    [line] = auditlog.list_lines(Scope()).items
    assert hashlib.sha256(line.canonical_text.encode()).digest() == line.digest
    assert "聊城" in line.canonical_text
