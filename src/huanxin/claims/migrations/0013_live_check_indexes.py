from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claims", "0012_uploads_are_facts")]

    operations = [
        migrations.AddIndex(
            model_name="sale",
            index=models.Index(fields=["merchant", "sold_epoch"], name="sale_of_shop"),
        ),
        migrations.AddIndex(
            model_name="reading",
            index=models.Index(fields=["seller_uscc", "invoiced_on"], name="reading_seller_day"),
        ),
    ]
