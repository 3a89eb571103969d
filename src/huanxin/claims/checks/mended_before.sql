-- id: mended_before
-- title: 补正后重报
-- outcome: note
-- reason: R357
-- weight: 8
-- pattern: C3-16 papers that came back and were handed in again: sampled more often than others
SELECT d.claim_id, d.mend_count
FROM claim_due AS d
WHERE d.mend_count > 0
