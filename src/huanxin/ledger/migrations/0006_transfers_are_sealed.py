import huanxin.kernel.schema
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_funders_are_guarded")]

    operations = [
        migrations.AddField(
            "transfer",
            "tx",
            huanxin.kernel.schema.XactField(
                db_default=huanxin.kernel.schema.CurrentXact(), editable=False
            ),
        ),
        migrations.AddIndex(
            "transfer", models.Index(fields=["tx", "id"], name="transfer_feed")
        ),
    ]
