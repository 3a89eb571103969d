-- title: Which papers of a waiting claim are in another's name than the claimant's
SELECT d.claim_id, d.sale_id, d.person_pseudonym, d.merchant_id, d.sold_on,
       p.payer_relation, v.receiver_relation,
       CASE WHEN i.buyer_pseudonym <> d.person_pseudonym THEN 1 ELSE 0 END AS buyer_other,
       CASE WHEN p.payer_pseudonym <> d.person_pseudonym THEN 1 ELSE 0 END AS payer_other,
       CASE WHEN v.receiver_pseudonym <> d.person_pseudonym THEN 1 ELSE 0 END AS receiver_other
FROM claim_due AS d
LEFT JOIN mart_claims_invoice AS i ON i.sale_id = d.sale_id
LEFT JOIN mart_claims_payment AS p ON p.sale_id = d.sale_id
LEFT JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
