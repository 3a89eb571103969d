-- id: photo_before_sale
-- title: 照片早于销售
-- outcome: hold
-- reason: R345
-- weight: 20
-- pattern: C3-5, C3-16 a photo taken more than a day before the unit was sold
SELECT d.claim_id, MIN(p.kind) AS kind, MIN(p.taken_epoch) AS taken_epoch
FROM claim_due AS d
JOIN mart_claims_photo AS p ON p.sale_id = d.sale_id
WHERE p.is_newest AND d.sold_epoch - p.taken_epoch > 86400
GROUP BY d.claim_id
