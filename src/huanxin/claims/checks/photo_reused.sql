-- id: photo_reused
-- title: 照片重复
-- outcome: hold
-- reason: R315
-- weight: 30
-- pattern: C3-5 a photo of another claim, cropped or brightened: at most 8 of its 64 bits differ
-- Who handed it in first is asked when two others use it. One picture of the shop's last week by
-- itself is a slip (photo_slip).
SELECT c.claim_id, c.kind, c.photo_hash, c.least_bits, c.other_count
FROM claim_due_copy AS c
WHERE c.other_count >= 2
   OR (c.is_earlier = 1 AND (c.is_slip = 0 OR c.kind_count > 1))
