-- id: made_long_ago
-- title: 生产日期过早
-- outcome: hold
-- reason: R339
-- weight: 20
-- pattern: C3-8 old as new: by its label made more than two years before it was sold
SELECT d.claim_id, CAST(l.produced_on AS VARCHAR) AS produced_on
FROM claim_due AS d
JOIN mart_claims_label AS l ON l.sale_id = d.sale_id
WHERE d.sold_epoch - l.produced_epoch > 63072000
