-- id: amount_differs
-- title: 金额不一致
-- outcome: hold
-- reason: R311
-- weight: 30
-- pattern: C3-7 claim above the rule's amount; B5 invoice = paid by the buyer + subsidy
SELECT d.claim_id, d.subsidy_fen, d.policy_amount_fen, d.price_fen, d.to_pay_fen,
       i.total_fen AS invoice_total_fen, p.paid_fen
FROM claim_due AS d
LEFT JOIN mart_claims_invoice AS i ON i.sale_id = d.sale_id
LEFT JOIN mart_claims_payment AS p ON p.sale_id = d.sale_id
WHERE d.subsidy_fen > d.policy_amount_fen
   OR (i.total_fen IS NOT NULL AND i.total_fen <> d.to_pay_fen + d.tender_fen + d.subsidy_fen)
   OR (p.paid_fen IS NOT NULL AND p.paid_fen <> d.to_pay_fen)
