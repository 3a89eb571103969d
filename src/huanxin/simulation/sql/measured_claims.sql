-- id: measured_claims
-- title: How far each claim has come
SELECT c.sale_id, c.is_released, c.is_cleared
FROM mart_claims_claim AS c
