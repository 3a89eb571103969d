-- title: The totals of several accounts by code
SELECT a.code, b.debits_pending_fen, b.debits_posted_fen, b.credits_pending_fen,
       b.credits_posted_fen, b.credit_limit_fen
FROM ledger_account a
JOIN ledger_balance b ON b.account_id = a.id
WHERE a.code = ANY(%(codes)s::text[])
