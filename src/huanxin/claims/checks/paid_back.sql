-- id: paid_back
-- title: 货款退回
-- outcome: hold
-- reason: R338
-- weight: 40
-- pattern: C3-9, C3-1 zero-cost purchase: more came back than the price was lowered
SELECT d.claim_id, p.refunded_fen, d.reduced_fen, p.paid_fen
FROM claim_due AS d
JOIN mart_claims_payment AS p ON p.sale_id = d.sale_id
WHERE p.refunded_fen > d.reduced_fen
