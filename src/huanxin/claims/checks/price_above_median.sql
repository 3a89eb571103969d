-- id: price_above_median
-- title: 高于近期成交价
-- outcome: hold
-- reason: R321
-- weight: 25
-- pattern: C3-4 price raised before the subsidy: above the shop's own median of 30, 90 or 150 days
-- Only prices a tenth above the lowest of the period can be a tenth above its median, so the
-- sorting is left to those. The lower median by row number: the same integer on every engine.
WITH suspect AS (
    SELECT d.claim_id
    FROM claim_due AS d
    JOIN mart_claims_sale AS s
      ON s.merchant_id = d.merchant_id AND s.model_id = d.model_id AND s.sold_on < d.sold_on
     AND s.sold_epoch BETWEEN d.sold_epoch - 12960000 AND d.sold_epoch
    GROUP BY d.claim_id
    HAVING MAX(d.list_price_fen - d.discount_fen) * 100
           > MIN(s.list_price_fen - s.discount_fen) * 110
       AND COUNT(*) >= 5
), history AS (
    SELECT d.claim_id, s.list_price_fen - s.discount_fen AS price_fen, w.days
    FROM suspect AS k
    JOIN claim_due AS d ON d.claim_id = k.claim_id
    JOIN mart_claims_sale AS s
      ON s.merchant_id = d.merchant_id AND s.model_id = d.model_id AND s.sold_on < d.sold_on
     AND s.sold_epoch BETWEEN d.sold_epoch - 12960000 AND d.sold_epoch
    JOIN (SELECT 30 AS days UNION ALL SELECT 90 UNION ALL SELECT 150) AS w
      ON d.sold_epoch - s.sold_epoch <= w.days * 86400
), ranked AS (
    SELECT h.claim_id, h.days, h.price_fen,
           ROW_NUMBER() OVER (PARTITION BY h.claim_id, h.days ORDER BY h.price_fen) AS place,
           CAST(COUNT(*) OVER (PARTITION BY h.claim_id, h.days) AS BIGINT) AS sales_count
    FROM history AS h
), median AS (
    SELECT r.claim_id, r.days, r.price_fen AS median_fen, r.sales_count
    FROM ranked AS r
    WHERE r.sales_count >= 5 AND 2 * r.place >= r.sales_count AND 2 * (r.place - 1) < r.sales_count
)
SELECT d.claim_id, MAX(d.list_price_fen - d.discount_fen) AS final_price_fen,
       MIN(m.median_fen) AS median_fen, MIN(m.days) AS days, MAX(m.days) AS longest_days
FROM claim_due AS d
JOIN median AS m ON m.claim_id = d.claim_id
WHERE (d.list_price_fen - d.discount_fen) * 100 > m.median_fen * 110
GROUP BY d.claim_id
