from django.db import migrations

from huanxin.kernel import schema


class Migration(migrations.Migration):
    dependencies = [("claims", "0007_files_and_their_readings")]

    operations = [schema.append_only("claims_paperfile")]
