-- id: waybill_reused
-- title: 运单重复
-- outcome: hold
-- reason: R348
-- weight: 25
-- pattern: C3-15 false sign-off: one waybill behind the deliveries of several people
SELECT d.claim_id, MIN(v.waybill) AS waybill, MIN(o.number) AS other_number,
       CAST(COUNT(DISTINCT o.person_pseudonym) AS BIGINT) AS other_people
FROM claim_due AS d
JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
JOIN mart_claims_delivery AS w ON w.waybill = v.waybill AND w.sale_id <> v.sale_id
JOIN mart_claims_claim AS o ON o.sale_id = w.sale_id
WHERE o.person_pseudonym <> d.person_pseudonym AND NOT o.is_returned
GROUP BY d.claim_id
