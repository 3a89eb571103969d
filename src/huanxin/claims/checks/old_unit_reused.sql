-- id: old_unit_reused
-- title: 旧机重复抵用
-- outcome: hold
-- reason: R347
-- weight: 25
-- pattern: C3-7 one handed-in old unit behind several sales
SELECT d.claim_id, MIN(d.old_unit_order_no) AS old_unit_order_no, MIN(o.number) AS other_number,
       CAST(COUNT(*) AS BIGINT) AS other_count
FROM claim_due AS d
JOIN mart_claims_claim AS o
  ON o.old_unit_order_no = d.old_unit_order_no AND o.claim_id <> d.claim_id
WHERE d.old_unit_order_no <> '' AND o.old_unit_order_no <> '' AND NOT o.is_returned
  AND (o.sold_epoch < d.sold_epoch OR (o.sold_epoch = d.sold_epoch AND o.number < d.number))
GROUP BY d.claim_id
