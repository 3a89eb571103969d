-- id: invoices_in_a_minute
-- title: 同一分钟多张发票
-- outcome: note
-- reason: R332
-- weight: 8
-- pattern: C3-15 many invoices of one seller within a minute: no reason to hold, only to look
WITH near AS (
    SELECT d.claim_id, i.seller_uscc, i.invoiced_on, i.invoiced_epoch,
           i.invoiced_epoch - MOD(i.invoiced_epoch, 60) + w.step AS slot
    FROM claim_due AS d
    JOIN mart_claims_invoice AS i ON i.sale_id = d.sale_id
    CROSS JOIN (SELECT -60 AS step UNION ALL SELECT 0 UNION ALL SELECT 60) AS w
)
SELECT n.claim_id, MIN(n.seller_uscc) AS seller_uscc, CAST(COUNT(*) AS BIGINT) AS invoice_count
FROM near AS n
JOIN mart_claims_invoice AS o
  ON o.seller_uscc = n.seller_uscc AND o.invoiced_on = n.invoiced_on
 AND o.invoiced_epoch - MOD(o.invoiced_epoch, 60) = n.slot
 AND o.invoiced_epoch BETWEEN n.invoiced_epoch - 30 AND n.invoiced_epoch + 30
GROUP BY n.claim_id
HAVING COUNT(*) >= 10
