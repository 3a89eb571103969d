"""Every standard is published by two people; a unit keeps the serial of its nameplate."""

import huanxin.recycling.types
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('recycling', '0008_books_stay'),
    ]

    operations = [
        migrations.AddField(
            model_name='standardproposal',
            name='kind',
            field=models.CharField(db_default='valuation', default=huanxin.recycling.types.StandardKind['VALUATION'], max_length=10),
        ),
        migrations.AddField(
            model_name='unit',
            name='serial',
            field=models.CharField(blank=True, db_default='', default='', max_length=40),
        ),
        migrations.AddField(
            model_name='workstandard',
            name='approved_by_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='workstandard',
            name='proposed_by_id',
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name='unit',
            index=models.Index(condition=models.Q(('serial', ''), _negated=True), fields=['serial'], name='unit_by_serial'),
        ),
        migrations.AddConstraint(
            model_name='workstandard',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_by_id__isnull', True), ('proposed_by_id__isnull', True)), models.Q(('approved_by_id__isnull', False), ('proposed_by_id__isnull', False), models.Q(('proposed_by_id', models.F('approved_by_id')), _negated=True)), _connector='OR'), name='work_standard_needs_two_people'),
        ),
    ]
