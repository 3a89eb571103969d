-- title: Lock the balances of the named accounts, always in key order
-- parameters: codes text[]
SELECT b.account_id, a.code, b.kind, b.debits_pending_fen, b.debits_posted_fen,
       b.credits_pending_fen, b.credits_posted_fen, b.credit_limit_fen
FROM ledger_account a
JOIN ledger_balance b ON b.account_id = a.id
WHERE a.code = ANY(%(codes)s::text[])
ORDER BY b.account_id
FOR NO KEY UPDATE OF b
