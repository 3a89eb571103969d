"""A trigger counts each fund of a budget and pool, so that a constraint keeps it from zero down."""

from django.db import migrations

_FUNDS = "('central', 'province', 'city')"
# The legs of a transfer between levels that names no fund: from before funds were kept (ADR 095).
_WHOLE = "('budget', 'return', 'move', 'add')"
_LEVELS = "('treasury', 'budget', 'pool')"

_SIDES = f"""
    SELECT s.account_id, s.fund, sum(s.fen)::bigint AS fen FROM (
        SELECT t.credit_id AS account_id, t.amount_fen AS fen,
               CASE WHEN split_part(t.leg, '@', 1) IN {_FUNDS} THEN split_part(t.leg, '@', 1)
                    ELSE '' END AS fund,
               t.debit_id AS other_id
        FROM {{source}} t WHERE {{mine}}
        UNION ALL
        SELECT t.debit_id, -t.amount_fen,
               CASE WHEN split_part(t.leg, '@', 1) IN {_FUNDS} THEN split_part(t.leg, '@', 1)
                    ELSE '' END,
               t.credit_id
        FROM {{source}} t WHERE {{mine}}
    ) s
    JOIN ledger_account a ON a.id = s.account_id AND a.kind IN ('budget', 'pool')
    JOIN ledger_account o ON o.id = s.other_id AND o.kind IN {_LEVELS}
    GROUP BY s.account_id, s.fund
"""
_MINE = f"""t.kind = 'posted' AND (split_part(t.leg, '@', 1) IN {_FUNDS} OR t.leg IN {_WHOLE})"""

_TRIGGER = f"""
CREATE FUNCTION vouchers_count_funds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved record;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM added t WHERE {_MINE}) THEN
        RETURN NULL;  -- nearly every statement: claims, sales and their ends have other legs
    END IF;
    FOR moved IN {_SIDES.format(source="added", mine=_MINE)} ORDER BY 1, 2 LOOP
        IF moved.fund = '' THEN
            UPDATE vouchers_fundbalance SET is_guarded = false
            WHERE account_id = moved.account_id AND is_guarded;
        END IF;
        UPDATE vouchers_fundbalance SET left_fen = left_fen + moved.fen
        WHERE account_id = moved.account_id AND fund = moved.fund;
        IF NOT FOUND THEN
            INSERT INTO vouchers_fundbalance (account_id, fund, left_fen, is_guarded)
            VALUES (moved.account_id, moved.fund, moved.fen, moved.fund <> '' AND NOT EXISTS (
                SELECT 1 FROM vouchers_fundbalance w
                WHERE w.account_id = moved.account_id AND w.fund = ''
            ));
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER vouchers_count_funds AFTER INSERT ON ledger_transfer
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION vouchers_count_funds();
"""
_FILL = f"""
INSERT INTO vouchers_fundbalance (account_id, fund, left_fen, is_guarded)
SELECT f.account_id, f.fund, f.fen, NOT bool_or(f.fund = '') OVER (PARTITION BY f.account_id)
FROM ({_SIDES.format(source="ledger_transfer", mine=_MINE)}) f;
"""
_UNDO = """
DROP TRIGGER vouchers_count_funds ON ledger_transfer;
DROP FUNCTION vouchers_count_funds();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("vouchers", "0012_funds_and_second_officers"),
        ("ledger", "0009_closed_months_stay_closed"),
    ]

    operations = [
        migrations.RunSQL(_TRIGGER, _UNDO),
        migrations.RunSQL(_FILL, "DELETE FROM vouchers_fundbalance"),
    ]
