-- id: claimant_not_buyer
-- title: 购买人不一致
-- outcome: hold
-- reason: R313
-- weight: 30
-- pattern: C3-1, C3-2 bought rights, hired buyers; B4 claimant, payer, consignee and invoice name
SELECT d.claim_id,
       i.buyer_pseudonym <> d.person_pseudonym AS buyer_differs,
       p.payer_pseudonym <> d.person_pseudonym AS payer_differs,
       v.receiver_pseudonym <> d.person_pseudonym AS receiver_differs
FROM claim_due AS d
LEFT JOIN mart_claims_invoice AS i ON i.sale_id = d.sale_id
LEFT JOIN mart_claims_payment AS p ON p.sale_id = d.sale_id
LEFT JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
WHERE i.buyer_pseudonym <> d.person_pseudonym
   OR p.payer_pseudonym <> d.person_pseudonym
   OR v.receiver_pseudonym <> d.person_pseudonym
