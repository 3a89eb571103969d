-- id: sign_off_without_route
-- title: 签收异常
-- outcome: hold
-- reason: R317
-- weight: 25
-- pattern: C3-15 false sign-off: before it left, faster than any van, or by post without a journey
-- Online: within ten minutes, within half an hour beyond the ten kilometres that couriers on call
-- serve, or without a scan. By the shop's van: beyond five kilometres (a
-- village's address may be its committee's) no faster than some 120 kilometres an hour.
SELECT d.claim_id, v.waybill, v.shipped_epoch, v.signed_epoch, v.route_scans,
       v.signed_epoch - v.shipped_epoch AS seconds_between
FROM claim_due AS d
JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
LEFT JOIN mart_identity_organisation AS o ON o.org_id = d.merchant_id
WHERE v.signed_epoch < v.shipped_epoch
   OR (d.channel = 'online'
       AND (v.signed_epoch - v.shipped_epoch < 600
            OR (v.signed_epoch - v.shipped_epoch < 1800
                AND (v.address_lat_e6 IS NULL OR o.lat_e6 IS NULL
                     OR ABS(v.address_lat_e6 - o.lat_e6) > 90000
                     OR ABS(v.address_lon_e6 - o.lon_e6) > 112000))
            OR (v.signed_epoch IS NOT NULL AND v.route_scans = 0)))
   OR (d.channel = 'shop'
       AND (ABS(v.address_lat_e6 - o.lat_e6) - 45000 > 300 * (v.signed_epoch - v.shipped_epoch)
            OR ABS(v.address_lon_e6 - o.lon_e6) - 56000
               > 370 * (v.signed_epoch - v.shipped_epoch)))
