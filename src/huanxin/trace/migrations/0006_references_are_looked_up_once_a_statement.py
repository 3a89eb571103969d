import django.db.models.deletion
from django.db import migrations, models

from huanxin.kernel.schema import reference

# Events and contexts are append-only already; organisations are closed, never deleted.
ORGANISATIONS_STAY = """
CREATE TRIGGER organisation_never_deleted BEFORE DELETE ON identity_organisation
FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change()
"""


def once_a_statement(
    model: str, name: str, to: str, **more: bool
) -> list[migrations.operations.base.Operation]:
    """A captured event names a handful of rows; they are looked up once for the whole batch."""
    return [
        migrations.AlterField(
            model_name=model,
            name=name,
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT,
                related_name="+", to=to, **more,
            ),
        ),
        reference(f"trace_{model}", f"{name}_id", to.replace(".", "_")),
    ]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("trace", "0005_a_lots_units_are_in_it"),
        ("identity", "0003_person_tag"),
        ("kernel", "0002_append_only"),
    ]

    operations = [
        migrations.RunSQL(
            ORGANISATIONS_STAY,
            "DROP TRIGGER organisation_never_deleted ON identity_organisation",
        ),
        *once_a_statement("event", "organisation", "identity.organisation"),
        *once_a_statement("event", "context", "trace.context", db_index=False, null=True),
        *once_a_statement("eventepc", "event", "trace.event", db_index=False),
        *once_a_statement("custody", "event", "trace.event"),
        *once_a_statement("custody", "to_holder", "identity.organisation"),
    ]
