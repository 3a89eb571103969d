-- title: How many of each model's sold units carry serial numbers that begin so (4, 6 and 8 signs)
WITH cut AS (
    SELECT c.model_id, SUBSTRING(c.serial_norm, 1, n.signs) AS prefix
    FROM mart_claims_claim AS c
    CROSS JOIN (VALUES (4), (6), (8)) AS n (signs)
    WHERE NOT c.is_returned AND LENGTH(c.serial_norm) > 8
)
SELECT k.model_id, k.prefix, CAST(COUNT(*) AS BIGINT) AS unit_count
FROM cut AS k
GROUP BY k.model_id, k.prefix
