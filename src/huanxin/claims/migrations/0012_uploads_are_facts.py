from django.db import migrations

from huanxin.kernel.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("claims", "0011_uploads_and_the_whole_record")]

    operations = [append_only("claims_upload")]
