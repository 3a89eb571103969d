-- id: waybill_reused
-- title: 运单重复
-- outcome: hold
-- reason: R348
-- weight: 25
-- pattern: C3-15 false sign-off: one waybill behind the deliveries of several people
-- Two of a family have their units brought by one van: to one address one waybill is no sign.
SELECT d.claim_id, MIN(v.waybill) AS waybill, MIN(o.number) AS other_number,
       CAST(COUNT(DISTINCT o.person_pseudonym) AS BIGINT) AS other_people
FROM claim_due AS d
JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
JOIN mart_claims_delivery AS w ON w.waybill = v.waybill AND w.sale_id <> v.sale_id
JOIN mart_claims_claim AS o ON o.sale_id = w.sale_id
WHERE o.person_pseudonym <> d.person_pseudonym AND NOT o.is_returned
  AND (v.address_key IS NULL OR w.address_key IS NULL OR v.address_key <> w.address_key)
GROUP BY d.claim_id
