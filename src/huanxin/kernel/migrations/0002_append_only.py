from django.db import migrations

from huanxin.kernel.schema import append_only

REFUSE = """
CREATE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION kernel_refuse_change()"),
        migrations.RunSQL(
            "CREATE SEQUENCE kernel_number_serial", "DROP SEQUENCE kernel_number_serial"
        ),
        append_only("kernel_auditentry"),
        append_only("kernel_leaf"),
        append_only("kernel_lognode"),
        append_only("kernel_checkpoint"),
    ]
