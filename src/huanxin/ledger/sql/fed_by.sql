-- title: What was posted into an account from treasuries, budgets, pools, funders and banks
SELECT t.id, count(*) OVER () AS fed_count, (sum(t.amount_fen) OVER ())::bigint AS fed_fen
FROM ledger_account a
JOIN ledger_transfer t ON t.credit_id = a.id
JOIN ledger_account d ON d.id = t.debit_id
WHERE a.code = %(code)s AND t.kind = 'posted' AND t.made_at <= %(until_at)s
  AND d.kind IN ('treasury', 'budget', 'funder', 'bank')
ORDER BY t.id DESC
LIMIT %(limit)s
