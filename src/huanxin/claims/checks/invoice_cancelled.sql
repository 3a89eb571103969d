-- id: invoice_cancelled
-- title: 发票已红冲
-- outcome: hold
-- reason: R337
-- weight: 40
-- pattern: C3-9, C3-15 a red invoice cancelled the sale's invoice: returned, stopped or wrong
SELECT d.claim_id, i.invoice_number, CAST(i.red_on AS VARCHAR) AS red_on
FROM claim_due AS d
JOIN mart_claims_invoice AS i ON i.sale_id = d.sale_id
WHERE i.red_on IS NOT NULL
