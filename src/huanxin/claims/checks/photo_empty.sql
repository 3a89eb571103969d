-- id: photo_empty
-- title: 照片无内容
-- outcome: mend
-- reason: R355
-- weight: 10
-- pattern: C3-16 a photo that shows nothing: black, white or covered (its fingerprint is 0)
SELECT d.claim_id, MIN(p.kind) AS kind
FROM claim_due AS d
JOIN mart_claims_photo AS p ON p.sale_id = d.sale_id
WHERE p.is_newest AND p.photo_bits = 0
GROUP BY d.claim_id
