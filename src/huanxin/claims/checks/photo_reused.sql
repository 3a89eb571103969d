-- id: photo_reused
-- title: 照片重复
-- outcome: hold
-- reason: R315
-- weight: 30
-- pattern: C3-5 the same photo behind several claims, found by its perceptual hash
SELECT d.claim_id, MIN(p.kind) AS kind, MIN(p.photo_hash) AS photo_hash,
       CAST(COUNT(DISTINCT o.sale_id) AS BIGINT) AS other_count
FROM claim_due AS d
JOIN mart_claims_photo AS p ON p.sale_id = d.sale_id
JOIN mart_claims_photo AS o ON o.photo_hash = p.photo_hash AND o.sale_id <> p.sale_id
GROUP BY d.claim_id
