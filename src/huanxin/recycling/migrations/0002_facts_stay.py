from django.db import migrations

from huanxin.kernel.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("recycling", "0001_initial")]

    operations = [
        append_only("recycling_standard"),
        append_only("recycling_quote"),
        append_only("recycling_run"),
        append_only("recycling_runmaterial"),
        append_only("recycling_rununit"),
        append_only("recycling_payout"),
        append_only("recycling_discrepancy"),
    ]
