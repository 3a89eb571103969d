from django.db import migrations

from huanxin.kernel.schema import append_only

PACKED_BEFORE = """
INSERT INTO recycling_lotunit (lot_id, unit_id, mass_g)
SELECT u.lot_id, u.id, coalesce(u.mass_g, 0) FROM recycling_unit u
WHERE u.lot_id IS NOT NULL
ORDER BY u.lot_id, u.unit_code
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("recycling", "0007_sorting_and_books")]

    operations = [
        migrations.RunSQL(PACKED_BEFORE, migrations.RunSQL.noop),
        append_only("recycling_lotunit"),
        append_only("recycling_workstandard"),
        append_only("recycling_inspection"),
        append_only("recycling_renewalwork"),
        append_only("recycling_renewaloffer"),
        append_only("recycling_renewalsale"),
        append_only("recycling_casenote"),
        append_only("recycling_runpart"),
        append_only("recycling_stocktake"),
        append_only("recycling_stocktakeline"),
        append_only("recycling_fundclaim"),
        append_only("recycling_fundclaimunit"),
    ]
