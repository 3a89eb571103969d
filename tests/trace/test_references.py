"""What events and links name exists and stays: looked up once a statement (docs/adr/092)."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from huanxin.trace import models
from huanxin.trace.types import UnitState
from tests import given_trace

pytestmark = pytest.mark.django_db

EVENT = """
INSERT INTO trace_event (event_id, declares_error, type, action, biz_step, disposition, read_point,
  biz_location, at, event_on, recorded_at, organisation_id, region_path, body, context_id)
SELECT 'urn:uuid:{fresh}', false, type, action, biz_step, disposition, read_point, biz_location, at,
  event_on, recorded_at, {organisation}, region_path, body, {context}
FROM trace_event LIMIT 1
"""
EPC = "INSERT INTO trace_eventepc (event_id, role, epc) VALUES (987654321, 'epc', 'urn:x')"
LINK = """
INSERT INTO trace_custody (unit_id, seq, event_id, prev_seq, from_holder_id, from_state, prev_at,
  to_holder_id, to_state, at)
SELECT unit_id, seq + 1, {event}, seq, to_holder_id, to_state, at, {holder}, to_state, at
FROM trace_custody ORDER BY seq DESC LIMIT 1
"""
FORGED = {
    "trace_event_organisation_id_known": EVENT.format(
        fresh=uuid4(), organisation=f"'{uuid4()}'::uuid", context="context_id"
    ),
    "trace_event_context_id_known": EVENT.format(
        fresh=uuid4(), organisation="organisation_id", context="987654321"
    ),
    "trace_eventepc_event_id_known": EPC,
    "trace_custody_event_id_known": LINK.format(event="987654321", holder="to_holder_id"),
    "trace_custody_to_holder_id_known": LINK.format(event="event_id", holder=f"'{uuid4()}'::uuid"),
}


def _a_story() -> None:
    recycler, dismantler = given_trace.recycler(), given_trace.dismantler()
    code = given_trace.unit(recycler)
    given_trace.journey(code, giver=recycler, taker=dismantler, until=UnitState.IN_DEPOT)


def _counts() -> tuple[int, int, int]:
    return (
        models.Event.objects.count(),
        models.EventEpc.objects.count(),
        models.Custody.objects.count(),
    )


@pytest.mark.parametrize("name", FORGED)
def test_a_row_that_names_nothing_is_refused(name: str) -> None:
    _a_story()
    before = _counts()
    with (
        pytest.raises(IntegrityError, match=name),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(FORGED[name])
    assert _counts() == before


@pytest.mark.parametrize("name", FORGED)
def test_control_without_the_trigger_the_same_row_is_kept(name: str) -> None:
    _a_story()
    table = "_".join(name.split("_")[:2])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"DROP TRIGGER {name} ON {table}")
        cursor.execute(FORGED[name])
        assert cursor.rowcount == 1


@pytest.mark.parametrize("table", ["identity_organisation", "trace_context", "trace_event"])
def test_what_is_named_stays_for_ever(table: str) -> None:
    _a_story()
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {table}")


def test_control_without_its_trigger_an_organisation_could_be_deleted() -> None:
    recycler = given_trace.recycler()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER organisation_never_deleted ON identity_organisation")
        cursor.execute("DELETE FROM identity_licence WHERE organisation_id = %s", [recycler])
        cursor.execute("DELETE FROM identity_organisation WHERE id = %s", [recycler])
        assert cursor.rowcount == 1
