-- id: burst_at_till
-- title: 收银台短时集中核销
-- outcome: hold
-- reason: R316
-- weight: 25
-- pattern: C3-1, C3-2, C3-15 six or more redemptions at one till within ten minutes
-- Slots of ten minutes keep the join narrow on engines without an index.
WITH near AS (
    SELECT d.claim_id, d.merchant_id, d.till_id, d.sold_epoch,
           d.sold_epoch - MOD(d.sold_epoch, 600) + w.step AS slot
    FROM claim_due AS d
    CROSS JOIN (SELECT -600 AS step UNION ALL SELECT 0 UNION ALL SELECT 600) AS w
    WHERE d.channel = 'shop'
)
SELECT d.claim_id, MIN(d.till_id) AS till_id, CAST(COUNT(*) AS BIGINT) AS sales_count,
       CAST(SUM(s.subsidy_fen) AS BIGINT) AS sales_subsidy_fen
FROM near AS d
JOIN mart_claims_sale AS s
  ON s.merchant_id = d.merchant_id AND s.till_id = d.till_id
 AND s.sold_epoch - MOD(s.sold_epoch, 600) = d.slot
 AND s.sold_epoch BETWEEN d.sold_epoch - 300 AND d.sold_epoch + 300
GROUP BY d.claim_id
HAVING COUNT(*) >= 6
