from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("kernel", "0002_append_only")]

    operations = [
        migrations.RenameField("leaf", "entry_id", "row_id"),
        migrations.AlterField("leaf", "row_id", models.BigIntegerField()),
        migrations.AddField(
            "leaf", "kind", models.CharField(db_default="audit", default="audit", max_length=8)
        ),
        migrations.AddConstraint(
            "leaf",
            models.UniqueConstraint(fields=("kind", "row_id"), name="leaf_sealed_once"),
        ),
        migrations.AddConstraint(
            "leaf",
            models.CheckConstraint(
                condition=models.Q(("kind__in", ["audit", "transfer", "event"])),
                name="leaf_kind_known",
            ),
        ),
    ]
