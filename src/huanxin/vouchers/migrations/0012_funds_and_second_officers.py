"""Each fund of a budget has a row; a large move waits for a second officer."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0009_closed_months_stay_closed'),
        ('vouchers', '0011_limits_across_categories'),
    ]

    operations = [
        migrations.CreateModel(
            name='BudgetRequest',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('verb', models.CharField(max_length=8)),
                ('programme', models.CharField(max_length=60)),
                ('region_code', models.CharField(max_length=12)),
                ('region_path', models.CharField(max_length=80)),
                ('amount_fen', models.BigIntegerField()),
                ('shares_fen', models.JSONField()),
                ('fund', models.CharField(blank=True, max_length=12)),
                ('document', models.CharField(max_length=120)),
                ('proposed_by', models.UUIDField()),
                ('proposed_at', models.DateTimeField()),
                ('decided_by', models.UUIDField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('is_approved', models.BooleanField(null=True)),
                ('note', models.CharField(blank=True, max_length=400)),
            ],
            options={
                'indexes': [models.Index(fields=['-proposed_at'], name='budget_request_latest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='budget_request_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('is_approved', None)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('is_approved__isnull', False)), _connector='OR'), name='budget_request_decided_whole'), models.CheckConstraint(condition=models.Q(('amount_fen__gte', 1), ('verb__in', ['give', 'allocate'])), name='budget_request_amount')],
            },
        ),
        migrations.CreateModel(
            name='FundBalance',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('fund', models.CharField(blank=True, max_length=12)),
                ('left_fen', models.BigIntegerField()),
                ('is_guarded', models.BooleanField(default=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'fund'), name='fund_balance_once'), models.CheckConstraint(condition=models.Q(('is_guarded', False), ('left_fen__gte', 0), _connector='OR'), name='fund_never_overspent')],
            },
        ),
    ]
