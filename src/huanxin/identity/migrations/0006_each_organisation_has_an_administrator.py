"""Accounts that were opened before organisations kept their own: the first leading one keeps them."""

from django.db import migrations

_FIRST = """
UPDATE identity_account a SET is_administrator = true
FROM (
    SELECT DISTINCT ON (organisation_id) id FROM identity_account
    WHERE organisation_id IS NOT NULL AND role IN (
        'merchant_manager', 'recycler_manager', 'dismantler_clerk', 'station_clerk', 'maker_clerk'
    )
    ORDER BY organisation_id, created_at, id
) first
WHERE a.id = first.id
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_accounts_keys_and_sessions")]
    operations = [migrations.RunSQL(_FIRST, migrations.RunSQL.noop)]
