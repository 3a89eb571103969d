-- title: Sales whose claim has ended without payment while a hold for the shop still waits
-- A claim ended before all its holds were voided together left those of its vouchers (ADR 159).
SELECT DISTINCT s.sale_id
FROM mart_claims_claim c
JOIN mart_claims_sale s ON s.sale_id = c.sale_id
JOIN mart_ledger_transfer t ON t.cause = 'sale' AND t.cause_id = c.sale_id AND t.state = 'pending'
WHERE c.is_closed AND NOT c.is_returned
LIMIT %(limit)s
