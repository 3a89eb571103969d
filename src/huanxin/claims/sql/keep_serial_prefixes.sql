-- title: How each model's serial numbers begin, counted anew
INSERT INTO claims_serialprefix (model_id, prefix, unit_count)
SELECT s.model_id, left(s.serial_norm, n.signs), count(*)
FROM claims_claim c
JOIN claims_sale s ON s.id = c.sale_id
CROSS JOIN (VALUES (4), (6), (8)) AS n (signs)
WHERE NOT c.is_returned AND length(s.serial_norm) > 8
GROUP BY 1, 2
ON CONFLICT (model_id, prefix) DO UPDATE SET unit_count = excluded.unit_count
WHERE claims_serialprefix.unit_count <> excluded.unit_count
