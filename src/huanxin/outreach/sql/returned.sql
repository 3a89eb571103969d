-- title: buyers of sales that were taken back, and their claim
SELECT s.sale_id::text, s.person_id, s.number, c.claim_id::text
FROM mart_claims_sale s JOIN mart_claims_claim c ON c.sale_id = s.sale_id
WHERE s.sale_id = ANY(%(ids)s::uuid[]) ORDER BY s.sale_id
