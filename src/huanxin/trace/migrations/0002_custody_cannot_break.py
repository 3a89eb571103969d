from django.db import migrations

from huanxin.kernel.schema import append_only

CHAIN = """
ALTER TABLE trace_custody ADD CONSTRAINT trace_custody_from_last_link
  FOREIGN KEY (unit_id, prev_seq, from_holder_id, from_state, prev_at)
  REFERENCES trace_custody (unit_id, seq, to_holder_id, to_state, at);
ALTER TABLE trace_unit ADD CONSTRAINT trace_unit_is_head_of_chain
  FOREIGN KEY (unit_code, seq, holder_id, state, moved_at)
  REFERENCES trace_custody (unit_id, seq, to_holder_id, to_state, at)
  DEFERRABLE INITIALLY DEFERRED;
CREATE SEQUENCE trace_unit_serial MAXVALUE 9999999 CYCLE;
CREATE SEQUENCE trace_container_serial;
CREATE SEQUENCE trace_party_reference;
"""
UNDO = """
ALTER TABLE trace_unit DROP CONSTRAINT trace_unit_is_head_of_chain;
ALTER TABLE trace_custody DROP CONSTRAINT trace_custody_from_last_link;
DROP SEQUENCE trace_unit_serial, trace_container_serial, trace_party_reference;
"""


class Migration(migrations.Migration):
    dependencies = [("trace", "0001_initial")]

    operations = [
        migrations.RunSQL(CHAIN, UNDO),
        append_only("trace_event"),
        append_only("trace_eventepc"),
        append_only("trace_custody"),
    ]
