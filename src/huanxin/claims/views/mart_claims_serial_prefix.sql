-- title: How many of each model's sold units carry serial numbers that begin so (4, 6 and 8 signs)
SELECT p.model_id, p.prefix, p.unit_count
FROM claims_serialprefix p
