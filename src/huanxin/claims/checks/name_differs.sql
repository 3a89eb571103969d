-- id: name_differs
-- title: 一项姓名待说明
-- outcome: mend
-- reason: R353
-- weight: 15
-- pattern: B4 one paper in another's name: an invoice to issue anew, a payer or consignee to declare
WITH named AS (
    SELECT d.claim_id, d.sale_id, p.payer_relation, v.receiver_relation,
           CASE WHEN i.buyer_pseudonym <> d.person_pseudonym THEN 1 ELSE 0 END AS buyer_other,
           CASE WHEN p.payer_pseudonym <> d.person_pseudonym THEN 1 ELSE 0 END AS payer_other,
           CASE WHEN v.receiver_pseudonym <> d.person_pseudonym THEN 1 ELSE 0 END AS receiver_other
    FROM claim_due AS d
    LEFT JOIN mart_claims_invoice AS i ON i.sale_id = d.sale_id
    LEFT JOIN mart_claims_payment AS p ON p.sale_id = d.sale_id
    LEFT JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
)
SELECT n.claim_id, n.buyer_other = 1 AS buyer_differs, n.payer_other = 1 AS payer_differs,
       n.receiver_other = 1 AS receiver_differs
FROM named AS n
WHERE n.buyer_other + n.payer_other + n.receiver_other = 1
  AND (n.buyer_other = 1 OR (n.payer_other = 1 AND n.payer_relation IS NULL)
       OR (n.receiver_other = 1 AND n.receiver_relation IS NULL))
