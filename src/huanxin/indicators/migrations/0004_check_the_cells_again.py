"""A metric's statement changed: the next check compares every kept cell and counts anew what differs."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("indicators", "0003_newest_sales_first")]
    operations = [
        migrations.RunSQL(
            "UPDATE indicators_rollupstate SET checked_on = NULL", migrations.RunSQL.noop
        ),
    ]
