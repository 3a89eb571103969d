-- id: filed_price_raised
-- title: 备案价近期上调
-- outcome: hold
-- reason: R322
-- weight: 20
-- pattern: C3-4 the filing was raised before the sale: by a tenth within 150 days, or over the guide
-- A shop's own filing a fiftieth above the maker's guide price of that day says the same at once.
SELECT d.claim_id, MIN(d.filed_price_fen) AS filed_price_fen, MIN(f.price_fen) AS earlier_filed_fen
FROM claim_due AS d
JOIN mart_catalogue_filed_price AS f ON f.model_id = d.model_id
WHERE d.filed_price_fen IS NOT NULL
  AND d.list_price_fen - d.discount_fen > f.price_fen
  AND ((f.org_id = d.merchant_id
        AND f.to_epoch > d.sold_epoch - 12960000 AND f.to_epoch <= d.sold_epoch
        AND d.filed_price_fen * 100 > f.price_fen * 110)
    OR (f.org_id IS NULL AND f.from_epoch <= d.sold_epoch
        AND (f.to_epoch IS NULL OR f.to_epoch > d.sold_epoch)
        AND d.filed_price_fen * 100 > f.price_fen * 102))
GROUP BY d.claim_id
