-- id: location_differs
-- title: 拍摄位置不符
-- outcome: hold
-- reason: R318
-- weight: 20
-- pattern: C3-15, C3-16 photo taken more than about five kilometres from the delivery address
-- A village's address is often only its committee's, and a phone may only know its mast.
SELECT d.claim_id, v.address_lat_e6, v.address_lon_e6, v.delivery_lat_e6, v.delivery_lon_e6
FROM claim_due AS d
JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
WHERE v.address_lat_e6 IS NOT NULL AND v.delivery_lat_e6 IS NOT NULL
  AND (ABS(v.address_lat_e6 - v.delivery_lat_e6) > 45000
       OR ABS(v.address_lon_e6 - v.delivery_lon_e6) > 56000)
