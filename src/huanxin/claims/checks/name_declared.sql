-- id: name_declared
-- title: 家人代付代收
-- outcome: note
-- reason: R354
-- weight: 8
-- pattern: B4 a payer or consignee who is declared to be of the claimant's family: sampled more often
SELECT n.claim_id, COALESCE(n.payer_relation, n.receiver_relation) AS relation
FROM claim_due_name AS n
WHERE n.buyer_other = 0 AND n.payer_other + n.receiver_other = 1
  AND ((n.payer_other = 1 AND n.payer_relation IS NOT NULL)
       OR (n.receiver_other = 1 AND n.receiver_relation IS NOT NULL))
