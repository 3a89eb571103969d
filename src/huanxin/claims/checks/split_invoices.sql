-- id: split_invoices
-- title: 拆分开票
-- outcome: hold
-- reason: R331
-- weight: 30
-- pattern: C3-15 split invoices: more units of a category to one address than one right allows
-- Within ten minutes, at one shop, three or more.
WITH asked AS (
    SELECT d.claim_id, d.merchant_id, d.category_code, d.sold_epoch, d.right_limit, t.key
    FROM claim_due AS d
    JOIN mart_claims_tie AS t ON t.sale_id = d.sale_id AND t.kind = 'address'
), many AS (
    SELECT t.key
    FROM (SELECT DISTINCT a.key FROM asked AS a) AS u
    JOIN mart_claims_tie AS t ON t.kind = 'address' AND t.key = u.key
    GROUP BY t.key
    HAVING COUNT(*) >= 3
)
SELECT a.claim_id, MIN(a.key) AS address_key, CAST(COUNT(*) AS BIGINT) AS sales_count,
       CAST(SUM(s.price_fen) AS BIGINT) AS together_fen
FROM asked AS a
JOIN many AS m ON m.key = a.key
JOIN mart_claims_tie AS o ON o.kind = 'address' AND o.key = a.key
JOIN mart_claims_sale AS s ON s.sale_id = o.sale_id
WHERE s.merchant_id = a.merchant_id AND s.category_code = a.category_code AND NOT s.is_returned
  AND s.sold_epoch BETWEEN a.sold_epoch - 600 AND a.sold_epoch + 600
GROUP BY a.claim_id
HAVING COUNT(*) >= 3 AND COUNT(*) > MIN(a.right_limit)
