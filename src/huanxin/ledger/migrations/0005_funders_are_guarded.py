"""Funders are guarded like public money, up to what was agreed with them."""

import django.db.models.expressions
import huanxin.ledger.types
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_old_debts_are_named")]

    operations = [
        migrations.RemoveConstraint(
            model_name='balance',
            name='balance_never_overspent',
        ),
        migrations.AddConstraint(
            model_name='balance',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', [huanxin.ledger.types.AccountKind['BUDGET'], huanxin.ledger.types.AccountKind['POOL'], huanxin.ledger.types.AccountKind['FUNDER']]), _negated=True), ('credits_posted_fen__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('debits_posted_fen'), '+', models.F('debits_pending_fen')), '-', models.F('credit_limit_fen'))), _connector='OR'), name='balance_never_overspent'),
        ),
    ]
