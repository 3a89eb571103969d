-- title: What the checks found, round by round
SELECT f.id AS finding_id, f.claim_id, f.round::integer AS round, f.check_id, f.outcome,
       f.reason_code, CAST(floor(extract(epoch FROM f.found_at)) AS bigint) AS found_epoch,
       f.round = c.round AS is_current
FROM claims_finding f
JOIN claims_claim c ON c.id = f.claim_id
