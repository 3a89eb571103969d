-- title: Hold money many times between two accounts, and add it to their balances
-- note: an unknown account is NULL, which the table refuses
WITH side AS MATERIALIZED (
    SELECT (SELECT id FROM ledger_account WHERE code = %(debit)s) AS debit_id,
           (SELECT id FROM ledger_account WHERE code = %(credit)s) AS credit_id
), held AS (
    INSERT INTO ledger_transfer
        (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen, reason, made_at, made_on)
    SELECT 'pending', %(cause)s, t.cause_id, %(leg)s, side.debit_id, side.credit_id, t.amount_fen,
           '', %(at)s::timestamptz, %(on)s::date
    FROM side, unnest(%(cause_ids)s::uuid[], %(amounts)s::bigint[]) AS t(cause_id, amount_fen)
    RETURNING amount_fen
), total AS (
    SELECT CAST(sum(amount_fen) AS bigint) AS fen FROM held
)
UPDATE ledger_balance b
SET debits_pending_fen =
        b.debits_pending_fen + CASE WHEN b.account_id = side.debit_id THEN total.fen ELSE 0 END,
    credits_pending_fen =
        b.credits_pending_fen + CASE WHEN b.account_id = side.credit_id THEN total.fen ELSE 0 END
FROM side, total
WHERE b.account_id IN (side.debit_id, side.credit_id)
