"""The newest sales of a city without sorting all of them: the claims list at two years' volume."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("indicators", "0002_indexes_by_day")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX IF NOT EXISTS claims_sale_moment ON claims_sale (sold_at)",
            "DROP INDEX IF EXISTS claims_sale_moment",
        )
    ]
