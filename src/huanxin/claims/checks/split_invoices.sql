-- id: split_invoices
-- title: 拆分开票
-- outcome: hold
-- reason: R331
-- weight: 30
-- pattern: C3-15 split invoices: more units of a category to one address than one right allows
-- Within ten minutes, at one shop, three or more.
WITH place AS (
    SELECT d.claim_id, d.merchant_id, d.category_code, d.sold_epoch, d.right_limit,
           t.key AS place_key
    FROM claim_due AS d
    JOIN mart_claims_tie AS t ON t.sale_id = d.sale_id AND t.kind = 'address'
)
SELECT p.claim_id, MIN(p.place_key) AS address_key, CAST(COUNT(*) AS BIGINT) AS sales_count,
       CAST(SUM(s.price_fen) AS BIGINT) AS together_fen
FROM place AS p
JOIN mart_claims_tie AS o ON o.kind = 'address' AND o.key = p.place_key
JOIN mart_claims_sale AS s ON s.sale_id = o.sale_id
WHERE s.merchant_id = p.merchant_id AND s.category_code = p.category_code AND NOT s.is_returned
  AND s.sold_epoch BETWEEN p.sold_epoch - 600 AND p.sold_epoch + 600
GROUP BY p.claim_id
HAVING COUNT(*) >= 3 AND COUNT(*) > MIN(p.right_limit)
