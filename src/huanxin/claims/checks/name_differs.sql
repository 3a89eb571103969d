-- id: name_differs
-- title: 一项姓名待说明
-- outcome: mend
-- reason: R353
-- weight: 15
-- pattern: B4 one paper in another's name: an invoice to issue anew, a payer or consignee to declare
SELECT n.claim_id, n.buyer_other = 1 AS buyer_differs, n.payer_other = 1 AS payer_differs,
       n.receiver_other = 1 AS receiver_differs
FROM claim_due_name AS n
WHERE n.buyer_other + n.payer_other + n.receiver_other = 1
  AND (n.buyer_other = 1 OR (n.payer_other = 1 AND n.payer_relation IS NULL)
       OR (n.receiver_other = 1 AND n.receiver_relation IS NULL))
