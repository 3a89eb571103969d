"""History rewritten behind triggers and platform is named by the next audit, row by row."""

import pytest
from django.db import connection

from huanxin.kernel import logaudit
from huanxin.kernel.models import Leaf
from tests import given_log

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = {"audit": "kernel_auditentry", "transfer": "ledger_transfer", "event": "trace_event"}
EDITS = {
    "audit": "UPDATE kernel_auditentry SET facts = '{\"amount\": 1}' WHERE id = %s",
    "transfer": "UPDATE ledger_transfer SET amount_fen = amount_fen + 1 WHERE id = %s",
    "event": 'UPDATE trace_event SET body = body || \'{"bizStep": "shipping"}\' WHERE id = %s',
}


def _sealed(kind: str) -> int:
    given_log.one_of_each()
    given_log.seal_all()
    assert logaudit.recompute().findings == ()  # the control: an untouched log is whole
    found = Leaf.objects.filter(kind=kind).order_by("position").values_list("row_id", flat=True)
    return found[0]


def _findings() -> list[tuple[str, str, int]]:
    return [(one.what, one.kind, one.row_id) for one in logaudit.recompute().findings]


@pytest.mark.parametrize("kind", TABLES)
def test_an_edited_row_is_named(kind):
    row_id = _sealed(kind)
    given_log.behind_everything(EDITS[kind], row_id)
    assert _findings() == [("changed", kind, row_id)]


@pytest.mark.parametrize("kind", TABLES)
def test_a_removed_row_is_named(kind):
    row_id = _sealed(kind)
    given_log.behind_everything(f"DELETE FROM {TABLES[kind]} WHERE id = %s", row_id)
    assert _findings() == [("removed", kind, row_id)]


@pytest.mark.parametrize("kind", TABLES)
def test_a_row_slipped_in_behind_the_sealer_is_named(kind):
    row_id = _sealed(kind)
    table = TABLES[kind]
    unique = {"audit": "", "transfer": "cause_id", "event": "event_id"}[kind]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
            " AND column_name <> 'id' ORDER BY ordinal_position",
            [table],
        )
        columns = [row[0] for row in cursor.fetchall()]
    other = {"cause_id": "md5('x')::uuid", "event_id": "'urn:x:y'"}
    values = [other[c] if c == unique else c for c in columns]
    given_log.behind_everything(
        f"INSERT INTO {table} (id, {', '.join(columns)}) OVERRIDING SYSTEM VALUE"
        f" SELECT -1, {', '.join(values)} FROM {table} WHERE id = %s",
        row_id,
    )
    assert _findings() == [("slipped_in", kind, -1)]


def test_an_edited_link_of_custody_is_named_by_its_event():
    row_id = _sealed("event")
    given_log.behind_everything("UPDATE trace_custody SET mass_g = 1 WHERE event_id = %s", row_id)
    assert _findings() == [("changed", "event", row_id)]


def test_whoever_edits_the_log_as_well_breaks_its_signed_heads():
    row_id = _sealed("transfer")
    given_log.behind_everything(EDITS["transfer"], row_id)
    given_log.behind_everything(
        "UPDATE kernel_lognode n SET hash = sha256('\\x00'::bytea || v.digest)"
        " FROM kernel_leaf l JOIN mart_ledger_leaf v ON v.row_id = l.row_id"
        " WHERE l.kind = 'transfer' AND l.row_id = %s AND n.level = 0"
        " AND n.position = l.position",
        row_id,
    )
    assert ("node_changed", "log") in {(what, kind) for what, kind, _ in _findings()}


def test_a_head_signed_anew_by_someone_else_is_named():
    _sealed("event")
    given_log.behind_everything("UPDATE kernel_checkpoint SET root = sha256('forged'::bytea)")
    assert {what for what, _, _ in _findings()} == {"head_changed"}
