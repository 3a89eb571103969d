from django.db import migrations

from huanxin.kernel.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("recycling", "0004_front_of_the_chain")]

    operations = [
        append_only("recycling_scrapprice"),
        append_only("recycling_quotephoto"),
        append_only("recycling_battery"),
        append_only("recycling_vehiclepaper"),
        append_only("recycling_complaintstep"),
    ]
