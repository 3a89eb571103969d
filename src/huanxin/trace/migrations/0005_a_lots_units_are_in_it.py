import huanxin.trace.types
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trace", "0004_old_events_can_be_found")]

    operations = [
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', [huanxin.trace.types.UnitState['IN_LOT'], huanxin.trace.types.UnitState['SHIPPED']]), ('container__isnull', False)), models.Q(('state__in', [huanxin.trace.types.UnitState['AT_DISMANTLER'], huanxin.trace.types.UnitState['IN_LOT'], huanxin.trace.types.UnitState['SHIPPED']]), models.Q(('state__in', [huanxin.trace.types.UnitState['IN_LOT'], huanxin.trace.types.UnitState['SHIPPED']]), _negated=True)), models.Q(models.Q(('state__in', [huanxin.trace.types.UnitState['AT_DISMANTLER'], huanxin.trace.types.UnitState['IN_LOT'], huanxin.trace.types.UnitState['SHIPPED']]), _negated=True), ('container__isnull', True)), _connector='OR'), name='trace_unit_boxed_while_in_lot'),
        ),
    ]
