-- id: payer_not_in_shop
-- title: 付款时不在店内
-- outcome: hold
-- reason: R343
-- weight: 20
-- pattern: C3-1, C3-11 buyers who never visited: sold in the shop, paid from 20 kilometres away
SELECT d.claim_id, p.payer_lat_e6, p.payer_lon_e6, o.lat_e6 AS shop_lat_e6,
       o.lon_e6 AS shop_lon_e6
FROM claim_due AS d
JOIN mart_claims_payment AS p ON p.sale_id = d.sale_id
JOIN mart_identity_organisation AS o ON o.org_id = d.merchant_id
WHERE d.channel = 'shop'
  AND (ABS(p.payer_lat_e6 - o.lat_e6) > 180000 OR ABS(p.payer_lon_e6 - o.lon_e6) > 225000)
