-- id: photo_slip
-- title: 误传照片
-- outcome: mend
-- reason: R356
-- weight: 10
-- pattern: C3-16 one picture of the same shop's claim of the last week: a clerk's slip
-- What photo_reused leaves out.
SELECT c.claim_id, c.kind, c.photo_hash
FROM claim_due_copy AS c
WHERE c.other_count = 1 AND c.is_earlier = 1 AND c.is_slip = 1 AND c.kind_count = 1
