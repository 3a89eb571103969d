-- title: How many claims of each shop were given back for papers within a window, of how many decided
SELECT s.merchant_id, count(*) FILTER (WHERE c.mend_count > 0), count(*)
FROM claims_sale s
JOIN claims_claim c ON c.sale_id = s.id
WHERE s.merchant_id = ANY(%(ids)s::uuid[])
  AND s.sold_epoch > extract(epoch FROM %(since)s::timestamptz) - 5184000
  AND c.decided_at > %(since)s AND c.decided_at <= %(until)s
GROUP BY s.merchant_id
