-- title: How many claims of each shop were decided (counted no further than enough), and whether a sample failed lately
SELECT m.id,
       (SELECT count(*) FROM (
            SELECT 1 FROM claims_sale s JOIN claims_claim c ON c.sale_id = s.id
            WHERE s.merchant_id = m.id AND c.decided_at IS NOT NULL LIMIT %(enough)s
       ) x),
       EXISTS (
            SELECT 1 FROM claims_stop t
            WHERE t.kind = 'shop' AND t.subject = m.id::text AND t.opened_at > %(since)s
       )
FROM unnest(%(ids)s::uuid[]) AS m(id)
