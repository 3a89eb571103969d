-- id: late_entry
-- title: 集中补录
-- outcome: hold
-- reason: R320
-- weight: 15
-- pattern: C3-15 bulk back-filling: a sale entered more than three days after it was made
SELECT d.claim_id, d.sold_epoch, d.recorded_epoch
FROM claim_due AS d
WHERE d.recorded_epoch - d.sold_epoch > 259200
