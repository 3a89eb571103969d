from django.db import migrations

from huanxin.kernel.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0006_consumption_vouchers")]

    operations = [
        append_only("vouchers_poolterms"),
        append_only("vouchers_pooltier"),
        append_only("vouchers_purchasereturn"),
    ]
