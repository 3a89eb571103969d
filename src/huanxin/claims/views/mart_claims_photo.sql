-- title: Every photo handed in, by its perceptual hash: whole, in four parts, and as a number
SELECT e.id AS evidence_id, e.sale_id, s.merchant_id, e.kind, e.sha256, e.photo_hash,
       substring(e.photo_hash, 1, 4) AS part_1, substring(e.photo_hash, 5, 4) AS part_2,
       substring(e.photo_hash, 9, 4) AS part_3, substring(e.photo_hash, 13, 4) AS part_4,
       CASE WHEN e.photo_hash ~ '^[0-9a-f]{16}$'
            THEN CAST(CAST('x' || e.photo_hash AS bit(64)) AS bigint) END AS photo_bits,
       e.lat_e6, e.lon_e6,
       CAST(floor(extract(epoch FROM e.taken_at)) AS bigint) AS taken_epoch,
       CAST(floor(extract(epoch FROM e.submitted_at)) AS bigint) AS submitted_epoch,
       NOT EXISTS (SELECT 1 FROM claims_evidence n
                   WHERE n.sale_id = e.sale_id AND n.kind = e.kind
                     AND (n.submitted_at, n.id) > (e.submitted_at, e.id)) AS is_newest
FROM claims_evidence e
JOIN claims_sale s ON s.id = e.sale_id
WHERE e.photo_hash IS NOT NULL
