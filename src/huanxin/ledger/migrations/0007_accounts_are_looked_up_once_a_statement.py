import django.db.models.deletion
from django.db import migrations, models

from huanxin.kernel.schema import reference


def once_a_statement(name: str) -> list[migrations.operations.base.Operation]:
    """Accounts are append-only, so a transfer's account needs looking up only when it is written."""
    return [
        migrations.AlterField(
            model_name="transfer",
            name=name,
            field=models.ForeignKey(
                db_constraint=False, db_index=False,
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.account",
            ),
        ),
        reference("ledger_transfer", f"{name}_id", "ledger_account"),
    ]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_transfers_are_sealed"), ("kernel", "0002_append_only")]

    operations = [*once_a_statement("debit"), *once_a_statement("credit")]
