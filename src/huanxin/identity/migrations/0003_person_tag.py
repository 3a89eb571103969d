import django.db.models.deletion
from django.db import migrations, models

TAGS = ["elderly_assessed", "new_car_buyer", "youth_talent", "low_income", "veteran"]


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_sign_in_code")]

    operations = [
        migrations.CreateModel(
            name="PersonTag",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("tag", models.CharField(max_length=20)),
                ("level", models.CharField(blank=True, default="", max_length=20)),
                ("source", models.CharField(max_length=200)),
                ("from_on", models.DateField()),
                ("to_on", models.DateField()),
                ("request_id", models.UUIDField(unique=True)),
                ("by_account_id", models.UUIDField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.person",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["person", "tag", "from_on"], name="person_tag_of_person")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("tag__in", TAGS)), name="person_tag_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_on__lte", models.F("to_on"))),
                        name="person_tag_interval",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True),
                        name="person_tag_proved",
                    ),
                ],
            },
        ),
    ]
