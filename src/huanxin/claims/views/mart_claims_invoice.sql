-- title: The newest invoice handed in for each sale
SELECT r.sale_id, r.invoice_key, r.invoice_code, r.invoice_number,
       r.invoice_total_fen AS total_fen, r.invoiced_on, r.buyer_pseudonym, r.seller_uscc,
       CAST(floor(extract(epoch FROM r.invoiced_at)) AS bigint) AS invoiced_epoch,
       r.goods_category, r.red_on
FROM claims_reading r
WHERE r.invoice_key IS NOT NULL
