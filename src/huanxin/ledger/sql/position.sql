-- title: How far the named accounts have come: their newest transfers and their posted totals
SELECT a.code,
       (SELECT max(t.id) FROM ledger_transfer t WHERE t.debit_id = a.id),
       (SELECT max(t.id) FROM ledger_transfer t WHERE t.credit_id = a.id),
       b.debits_posted_fen,
       b.credits_posted_fen
FROM ledger_account a
JOIN ledger_balance b ON b.account_id = a.id
WHERE a.code = ANY(%(codes)s::text[])
ORDER BY a.code
