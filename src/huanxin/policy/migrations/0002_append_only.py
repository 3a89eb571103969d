from django.db import migrations

from huanxin.kernel.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial")]

    operations = [append_only("policy_policy"), append_only("policy_policyversion")]
