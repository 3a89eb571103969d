-- id: waybill_reused
-- title: 运单重复
-- outcome: hold
-- reason: R348
-- weight: 25
-- pattern: C3-15 false sign-off: one waybill behind the deliveries of several people
-- Two of a family have their units brought by one van: to one telephone or one address one waybill
-- is no sign. Where an address could not be read, places tell (500 metres).
SELECT d.claim_id, MIN(v.waybill) AS waybill, MIN(o.number) AS other_number,
       CAST(COUNT(DISTINCT o.person_pseudonym) AS BIGINT) AS other_people
FROM claim_due AS d
JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
JOIN mart_claims_delivery AS w ON w.waybill = v.waybill AND w.sale_id <> v.sale_id
JOIN mart_claims_claim AS o ON o.sale_id = w.sale_id
WHERE o.person_pseudonym <> d.person_pseudonym AND NOT o.is_returned
  AND CASE WHEN v.receiver_phone_key = w.receiver_phone_key THEN 0
           WHEN v.address_key <> w.address_key THEN 1
           WHEN v.address_key = w.address_key THEN 0
           WHEN ABS(v.address_lat_e6 - w.address_lat_e6) > 4500
             OR ABS(v.address_lon_e6 - w.address_lon_e6) > 5500 THEN 1
           WHEN ABS(v.address_lat_e6 - w.address_lat_e6) <= 4500 THEN 0
           ELSE 1 END = 1
GROUP BY d.claim_id
