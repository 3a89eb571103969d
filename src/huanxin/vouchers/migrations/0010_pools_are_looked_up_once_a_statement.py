import django.db.models.deletion
from django.db import migrations, models

from huanxin.kernel.schema import reference

POOLS_STAY = """
CREATE TRIGGER pool_never_deleted BEFORE DELETE ON vouchers_pool
FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change()
"""


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0009_life_guards"), ("kernel", "0002_append_only")]

    operations = [
        migrations.AlterField(
            model_name="voucher",
            name="pool",
            field=models.ForeignKey(
                db_constraint=False, db_index=False, null=True,
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vouchers.pool",
            ),
        ),
        migrations.RunSQL(POOLS_STAY, "DROP TRIGGER pool_never_deleted ON vouchers_pool"),
        reference("vouchers_voucher", "pool_id", "vouchers_pool"),
        migrations.RemoveConstraint(model_name="voucher", name="voucher_right_once"),
        migrations.AddConstraint(
            model_name="voucher",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind__in", ["qualification", "consumption"]),
                    ("state__in", ["inactive", "usable", "locked", "used"]),
                ),
                fields=("holder_key", "programme", "category_code", "ordinal"),
                name="voucher_right_once",
            ),
        ),
    ]
