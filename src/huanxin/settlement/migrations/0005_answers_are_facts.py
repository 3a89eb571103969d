from django.db import migrations

from huanxin.kernel.schema import append_only


class Migration(migrations.Migration):
    dependencies = [("settlement", "0004_answers_objections_prepayment")]

    operations = [
        append_only("settlement_answerfile"),
        append_only("settlement_answerline"),
        append_only("settlement_prepaidback"),
    ]
