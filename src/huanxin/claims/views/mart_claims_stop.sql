-- title: What keeps cleared claims from being paid until two people have spoken
SELECT s.id AS stop_id, s.kind, s.subject, s.region_path, s.cause_claim_id, s.outcome,
       CAST(floor(extract(epoch FROM s.opened_at)) AS bigint) AS opened_epoch,
       CAST(floor(extract(epoch FROM s.due_at)) AS bigint) AS due_epoch,
       s.closed_at IS NOT NULL AS is_closed
FROM claims_stop s
