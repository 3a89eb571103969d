-- id: threshold_sales
-- title: 同额集中核销
-- outcome: hold
-- reason: R323
-- weight: 35
-- pattern: C3-1 bought rights: sales of one amount, just where a right is worth most
-- Five or more within an hour either way, by five or more people. An amount is at the threshold
-- where the subsidy meets its cap, or where a consumption voucher is spent.
WITH near AS (
    SELECT d.claim_id, d.merchant_id, d.till_id, d.sold_epoch,
           d.price_fen + d.reduced_fen AS price_fen,
           d.sold_epoch - MOD(d.sold_epoch, 3600) + w.step AS slot
    FROM claim_due AS d
    CROSS JOIN (SELECT -3600 AS step UNION ALL SELECT 0 UNION ALL SELECT 3600) AS w
    WHERE d.channel = 'shop'
      AND (d.policy_amount_fen >= d.right_worth_fen OR d.tender_fen + d.consumption_fen > 0)
)
SELECT d.claim_id, MIN(d.till_id) AS till_id, MIN(d.price_fen) AS price_fen,
       CAST(COUNT(*) AS BIGINT) AS sales_count
FROM near AS d
JOIN mart_claims_sale AS s
  ON s.merchant_id = d.merchant_id AND s.till_id = d.till_id AND s.price_fen = d.price_fen
 AND s.sold_epoch - MOD(s.sold_epoch, 3600) = d.slot
 AND s.sold_epoch BETWEEN d.sold_epoch - 3600 AND d.sold_epoch + 3600
WHERE NOT s.is_returned
  AND (s.policy_amount_fen >= s.right_worth_fen OR s.tender_fen + s.consumption_fen > 0)
GROUP BY d.claim_id
HAVING COUNT(DISTINCT s.person_pseudonym) >= 5
