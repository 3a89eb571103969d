-- id: invoice_reused
-- title: 发票重复
-- outcome: refuse
-- reason: R303
-- weight: 60
-- pattern: C3-7, C3-15 one invoice behind several claims; who handed it in first keeps it
SELECT d.claim_id, MIN(i.invoice_number) AS invoice_number, MIN(o.number) AS other_number,
       CAST(COUNT(*) AS BIGINT) AS other_count
FROM claim_due AS d
JOIN mart_claims_invoice AS i ON i.sale_id = d.sale_id
JOIN mart_claims_invoice AS oi ON oi.invoice_key = i.invoice_key AND oi.sale_id <> i.sale_id
JOIN mart_claims_claim AS o ON o.sale_id = oi.sale_id
WHERE NOT o.is_returned
  AND (o.is_cleared OR o.submitted_epoch < d.submitted_epoch
       OR (o.submitted_epoch = d.submitted_epoch AND o.number < d.number))
GROUP BY d.claim_id
