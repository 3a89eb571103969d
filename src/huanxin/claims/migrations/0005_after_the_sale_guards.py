from django.db import migrations

from huanxin.kernel.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("claims", "0004_after_the_sale"), ("kernel", "0002_append_only")]

    operations = [append_only("claims_salereduction"), append_only("claims_orderpayment")]
