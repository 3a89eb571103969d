from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("recycling", "0005_more_facts_stay")]

    operations = [
        migrations.AddField(
            model_name="routestop",
            name="trip",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
