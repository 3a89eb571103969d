from django.db import migrations

from huanxin.kernel.schema import append_only
from huanxin.trace import _names, _store, _terms, selectors

_CHUNK = 2000
_FREEZE = "ALTER TABLE {0} {1} TRIGGER {0}_append_only"
# What the index said of a run's output before outputs had a role of their own.
_OUTPUTS = """
UPDATE trace_eventepc x SET role = 'out_class' FROM trace_event e
WHERE e.id = x.event_id AND x.role = 'class' AND e.type = 'TransformationEvent'
"""
_PACKED = """
UPDATE trace_unit u SET container = (
  SELECT e.body ->> 'parentID' FROM trace_custody c JOIN trace_event e ON e.id = c.event_id
  WHERE c.unit_id = u.unit_code AND e.type = 'AggregationEvent' AND e.action = 'ADD'
  ORDER BY c.seq DESC LIMIT 1)
WHERE u.state IN ('in_lot', 'shipped')
"""


def fill(apps, schema_editor):
    """Derived columns of events stored before: their terms and everything they name."""
    Event = apps.get_model("trace", "Event")
    EventEpc = apps.get_model("trace", "EventEpc")
    cursor = schema_editor.connection.cursor()
    if not Event.objects.exists():
        return
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may be pending when triggers return
    for table in ("trace_event", "trace_eventepc"):
        cursor.execute(_FREEZE.format(table, "DISABLE"))
    cursor.execute(_OUTPUTS)
    context_id = _store.context_id([dict(selectors.NAMES)])
    last = 0
    while rows := list(Event.objects.filter(pk__gt=last).order_by("pk")[:_CHUNK]):
        known = set(
            EventEpc.objects.filter(event_id__in=[row.pk for row in rows]).values_list(
                "event_id", "role", "epc"
            )
        )
        for row in rows:
            row.terms = _terms.terms(row.body, selectors.NAMES) or None
            row.context_id = context_id
        Event.objects.bulk_update(rows, ["terms", "context_id"])
        EventEpc.objects.bulk_create(
            EventEpc(event_id=row.pk, role=role, epc=epc)
            for row in rows
            for role, epc in _terms.identifiers(row.body)
            if (row.pk, role, epc) not in known
        )
        last = rows[-1].pk
    for table in ("trace_event", "trace_eventepc"):
        cursor.execute(_FREEZE.format(table, "ENABLE"))


class Migration(migrations.Migration):
    dependencies = [("trace", "0003_epcis_repository"), ("kernel", "0003_leaves_of_three_kinds")]

    operations = [
        append_only("trace_context"),
        append_only("trace_capturejob"),
        append_only("trace_discrepancy"),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(_PACKED, migrations.RunSQL.noop),
    ]
