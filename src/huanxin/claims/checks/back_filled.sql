-- id: back_filled
-- title: 批量补录
-- outcome: hold
-- reason: R333
-- weight: 25
-- pattern: C3-15 five or more sales entered within half an hour, each a day late or more
WITH near AS (
    SELECT d.claim_id, d.merchant_id, d.till_id, d.recorded_epoch,
           d.recorded_epoch - MOD(d.recorded_epoch, 1800) + w.step AS slot
    FROM claim_due AS d
    CROSS JOIN (SELECT -1800 AS step UNION ALL SELECT 0 UNION ALL SELECT 1800) AS w
    WHERE d.recorded_epoch - d.sold_epoch > 86400
)
SELECT d.claim_id, MIN(d.till_id) AS till_id, CAST(COUNT(*) AS BIGINT) AS sales_count
FROM near AS d
JOIN mart_claims_sale AS s
  ON s.merchant_id = d.merchant_id AND s.recorded_epoch - MOD(s.recorded_epoch, 1800) = d.slot
 AND s.recorded_epoch BETWEEN d.recorded_epoch - 900 AND d.recorded_epoch + 900
WHERE s.recorded_epoch - s.sold_epoch > 86400
  AND s.sold_epoch BETWEEN d.recorded_epoch - 31536000 AND d.recorded_epoch
GROUP BY d.claim_id
HAVING COUNT(*) >= 5
