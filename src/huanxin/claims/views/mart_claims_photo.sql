-- title: Every photo handed in, by its perceptual hash
SELECT e.id AS evidence_id, e.sale_id, e.kind, e.sha256, e.photo_hash, e.lat_e6, e.lon_e6,
       CAST(floor(extract(epoch FROM e.taken_at)) AS bigint) AS taken_epoch,
       CAST(floor(extract(epoch FROM e.submitted_at)) AS bigint) AS submitted_epoch
FROM claims_evidence e
WHERE e.photo_hash IS NOT NULL
