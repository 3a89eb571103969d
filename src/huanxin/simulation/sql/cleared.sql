-- id: cleared
-- title: Sales whose claim may be paid or was paid
SELECT c.sale_id
FROM mart_claims_claim AS c
WHERE c.is_cleared AND NOT c.is_returned
