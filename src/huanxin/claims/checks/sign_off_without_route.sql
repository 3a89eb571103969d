-- id: sign_off_without_route
-- title: 签收异常
-- outcome: hold
-- reason: R317
-- weight: 25
-- pattern: C3-15 false sign-off: before it left, within half an hour of leaving, or with no scan
SELECT d.claim_id, v.waybill, v.shipped_epoch, v.signed_epoch, v.route_scans,
       v.signed_epoch - v.shipped_epoch AS seconds_between
FROM claim_due AS d
JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
WHERE d.channel = 'online'
  AND (v.signed_epoch - v.shipped_epoch < 1800
       OR (v.signed_epoch IS NOT NULL AND v.route_scans = 0))
