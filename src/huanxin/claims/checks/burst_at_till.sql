-- id: burst_at_till
-- title: 收银台短时集中核销
-- outcome: hold
-- reason: R316
-- weight: 25
-- pattern: C3-1, C3-2, C3-15 six or more redemptions at one till within ten minutes
SELECT d.claim_id, d.till_id, CAST(COUNT(*) AS BIGINT) AS sales_count,
       CAST(SUM(s.subsidy_fen) AS BIGINT) AS sales_subsidy_fen
FROM claim_due AS d
JOIN mart_claims_sale AS s
  ON s.merchant_id = d.merchant_id AND s.till_id = d.till_id
 AND s.sold_epoch BETWEEN d.sold_epoch - 300 AND d.sold_epoch + 300
WHERE d.channel = 'shop'
GROUP BY d.claim_id, d.till_id
HAVING COUNT(*) >= 6
