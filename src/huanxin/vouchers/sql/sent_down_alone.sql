-- title: What was sent down to a budget on a day by one officer each, without a second
SELECT coalesce(sum(t.amount_fen), 0)::bigint
FROM mart_ledger_transfer t
WHERE t.credit_code = %(code)s AND t.cause IN ('budget.given', 'budget.allocated')
  AND t.made_on = %(on)s
  AND NOT EXISTS (SELECT 1 FROM vouchers_budgetrequest r WHERE r.id = t.cause_id)
