-- id: filed_price_raised
-- title: 备案价近期上调
-- outcome: hold
-- reason: R322
-- weight: 20
-- pattern: C3-4 the filing itself was raised by more than a tenth within 150 days before the sale
SELECT d.claim_id, MIN(d.filed_price_fen) AS filed_price_fen, MIN(f.price_fen) AS earlier_filed_fen
FROM claim_due AS d
JOIN mart_catalogue_filed_price AS f ON f.model_id = d.model_id AND f.org_id = d.merchant_id
WHERE d.filed_price_fen IS NOT NULL
  AND f.to_epoch > d.sold_epoch - 12960000 AND f.to_epoch <= d.sold_epoch
  AND d.filed_price_fen * 100 > f.price_fen * 110
  AND d.list_price_fen - d.discount_fen > f.price_fen
GROUP BY d.claim_id
