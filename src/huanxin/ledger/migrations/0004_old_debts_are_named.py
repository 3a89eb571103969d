"""Funders of before may stand below zero: what they drew becomes an agreement by that name."""

from django.db import migrations

from huanxin.kernel.schema import append_only

# The city stands behind its own vouchers from the start: 1,000,000.00 yuan (ADR 096).
_OLD_DEBTS = """
WITH drawn AS (
    SELECT a.id, a.opened_at,
           greatest(b.debits_posted_fen + b.debits_pending_fen - b.credits_posted_fen,
                    CASE WHEN a.code = 'funder:city' THEN 100000000 ELSE 0 END) AS limit_fen
    FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
    WHERE a.kind = 'funder'
), agreed AS (
    INSERT INTO ledger_creditline (account_id, limit_fen, title, cause_id, agreed_at)
    SELECT id, limit_fen, '启用垫付额度前已形成的垫付',
           cast('00000000-0000-8000-8000-' || lpad(to_hex(id), 12, '0') AS uuid), opened_at
    FROM drawn WHERE limit_fen > 0
    RETURNING account_id, limit_fen
)
UPDATE ledger_balance b SET credit_limit_fen = agreed.limit_fen
FROM agreed WHERE b.account_id = agreed.account_id
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_ends_credit_and_proofs")]

    operations = [
        migrations.RunSQL(_OLD_DEBTS, migrations.RunSQL.noop),
        append_only("ledger_creditline"),
        append_only("ledger_proof"),
    ]
