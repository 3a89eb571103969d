from django.db import migrations

from huanxin.kernel.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial")]

    operations = [
        append_only("claims_sale"),
        append_only("claims_salereturn"),
        append_only("claims_evidence"),
        append_only("claims_finding"),
        append_only("claims_review"),
        append_only("claims_appeal"),
    ]
