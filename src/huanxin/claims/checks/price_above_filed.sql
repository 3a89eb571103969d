-- id: price_above_filed
-- title: 高于备案价
-- outcome: hold
-- reason: R312
-- weight: 20
-- pattern: C3-4 price raised before the subsidy; B4 the final price must not exceed the filed one
SELECT d.claim_id, d.list_price_fen - d.discount_fen AS final_price_fen, d.filed_price_fen
FROM claim_due AS d
WHERE d.filed_price_fen IS NOT NULL
  AND d.list_price_fen - d.discount_fen > d.filed_price_fen
