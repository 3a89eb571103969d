-- id: seller_differs
-- title: 开票单位不符
-- outcome: hold
-- reason: R335
-- weight: 25
-- pattern: C3-3, C3-15 the invoice is another seller's than the shop that claims
SELECT d.claim_id, i.seller_uscc, o.uscc AS shop_uscc
FROM claim_due AS d
JOIN mart_claims_invoice AS i ON i.sale_id = d.sale_id
JOIN mart_identity_organisation AS o ON o.org_id = d.merchant_id
WHERE i.seller_uscc <> o.uscc
