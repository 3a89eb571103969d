-- id: serial_not_of_model
-- title: 序列号不合型号规律
-- outcome: hold
-- reason: R350
-- weight: 25
-- pattern: C3-3, C3-8 the model's serial numbers begin otherwise: makers write the product into them
-- Learnt from what was sold: of twenty units or more nineteen in twenty begin alike by 4, 6 or 8
-- signs. Makers whose numbers do not begin alike are asked nothing.
WITH asked AS (
    SELECT d.claim_id, d.model_id, d.serial_norm, n.signs
    FROM claim_due AS d
    CROSS JOIN (VALUES (4), (6), (8)) AS n (signs)
    WHERE LENGTH(d.serial_norm) > 8
), known AS (
    SELECT f.model_id, LENGTH(f.prefix) AS signs, CAST(SUM(f.unit_count) AS BIGINT) AS unit_count,
           MAX(f.unit_count) AS most_count
    FROM (SELECT DISTINCT a.model_id FROM asked AS a) AS u
    JOIN mart_claims_serial_prefix AS f ON f.model_id = u.model_id
    GROUP BY f.model_id, LENGTH(f.prefix)
    HAVING SUM(f.unit_count) >= 20 AND MAX(f.unit_count) * 20 >= SUM(f.unit_count) * 19
)
SELECT a.claim_id, MIN(a.serial_norm) AS serial_norm, MAX(k.unit_count) AS model_count,
       CAST(MAX(COALESCE(f.unit_count, 0)) AS BIGINT) AS like_count
FROM asked AS a
JOIN known AS k ON k.model_id = a.model_id AND k.signs = a.signs
LEFT JOIN mart_claims_serial_prefix AS f
  ON f.model_id = a.model_id AND f.prefix = SUBSTRING(a.serial_norm, 1, a.signs)
WHERE COALESCE(f.unit_count, 0) < k.most_count
GROUP BY a.claim_id
