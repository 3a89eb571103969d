-- title: Agree a credit line with a funder, once under its cause, and let its balance know
WITH agreed AS (
    INSERT INTO ledger_creditline (account_id, limit_fen, title, cause_id, agreed_at)
    SELECT a.id, %(limit_fen)s, %(title)s, %(cause_id)s, %(at)s
    FROM ledger_account a
    WHERE a.code = %(code)s
    ON CONFLICT (cause_id) DO NOTHING
    RETURNING account_id, limit_fen
)
UPDATE ledger_balance b SET credit_limit_fen = agreed.limit_fen
FROM agreed WHERE b.account_id = agreed.account_id
RETURNING b.account_id
