-- id: invoice_date_differs
-- title: 开票日期不符
-- outcome: hold
-- reason: R336
-- weight: 15
-- pattern: C2 invoice date inside the window: not before the sale, and in the same calendar year
SELECT d.claim_id, CAST(i.invoiced_on AS VARCHAR) AS invoiced_on,
       CAST(d.sold_on AS VARCHAR) AS sold_on
FROM claim_due AS d
JOIN mart_claims_invoice AS i ON i.sale_id = d.sale_id
WHERE i.invoiced_on < d.sold_on
   OR EXTRACT(YEAR FROM i.invoiced_on) <> EXTRACT(YEAR FROM d.sold_on)
