from django.db import migrations

from huanxin.kernel.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_webhooks")]
    operations = [append_only("exchange_attempt")]
