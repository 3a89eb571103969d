-- id: goods_differ
-- title: 发票品名不符
-- outcome: hold
-- reason: R334
-- weight: 30
-- pattern: C3-3 goods re-labelled: the invoice calls them something else than the claim
SELECT d.claim_id, d.category_code, i.goods_category, c.name AS category_name,
       g.name AS goods_name
FROM claim_due AS d
JOIN mart_claims_invoice AS i ON i.sale_id = d.sale_id
LEFT JOIN mart_catalogue_category AS c ON c.category_code = d.category_code
LEFT JOIN mart_catalogue_category AS g ON g.category_code = i.goods_category
WHERE i.goods_category <> d.category_code
