-- id: photo_elsewhere
-- title: 照片摄于他处
-- outcome: hold
-- reason: R344
-- weight: 20
-- pattern: C3-11, C3-16 a photo taken more than 20 kilometres from shop and address
-- What is carried home has no address: it is looked for within the city, 80 kilometres from the shop.
SELECT d.claim_id, MIN(p.kind) AS kind, CAST(COUNT(*) AS BIGINT) AS photo_count
FROM claim_due AS d
JOIN mart_claims_photo AS p ON p.sale_id = d.sale_id
JOIN mart_identity_organisation AS o ON o.org_id = d.merchant_id
LEFT JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
WHERE p.is_newest
  AND (ABS(p.lat_e6 - o.lat_e6) > 180000 OR ABS(p.lon_e6 - o.lon_e6) > 225000)
  AND CASE WHEN v.address_lat_e6 IS NULL
           THEN ABS(p.lat_e6 - o.lat_e6) > 720000 OR ABS(p.lon_e6 - o.lon_e6) > 900000
           ELSE ABS(p.lat_e6 - v.address_lat_e6) > 180000
             OR ABS(p.lon_e6 - v.address_lon_e6) > 225000 END
GROUP BY d.claim_id
