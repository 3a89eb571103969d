-- id: measured_claims
-- title: How far each claim has come
SELECT c.sale_id, c.is_released, c.is_cleared, c.verify_status = 'mending' AS is_mending
FROM mart_claims_claim AS c
