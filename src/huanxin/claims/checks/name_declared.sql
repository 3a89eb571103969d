-- id: name_declared
-- title: 家人代付代收
-- outcome: note
-- reason: R354
-- weight: 8
-- pattern: B4 a payer or consignee who is declared to be of the claimant's family: sampled more often
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
SELECT n.claim_id, COALESCE(n.payer_relation, n.receiver_relation) AS relation
FROM named AS n
WHERE n.buyer_other = 0 AND n.payer_other + n.receiver_other = 1
  AND ((n.payer_other = 1 AND n.payer_relation IS NOT NULL)
       OR (n.receiver_other = 1 AND n.receiver_relation IS NOT NULL))
