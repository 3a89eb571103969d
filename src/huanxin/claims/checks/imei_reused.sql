-- id: imei_reused
-- title: IMEI 重复
-- outcome: refuse
-- reason: R305
-- weight: 60
-- pattern: C3-13 one phone sold several times, by the IMEI typed or by the one its box shows
-- CASE keeps DuckDB from pairing all claims by their time before it looks at the labels.
WITH due_imei AS (
    SELECT d.claim_id, d.number, d.sold_epoch, d.imei FROM claim_due AS d WHERE d.imei IS NOT NULL
    UNION ALL
    SELECT d.claim_id, d.number, d.sold_epoch, l.imei_read AS imei
    FROM claim_due AS d
    JOIN mart_claims_label AS l ON l.sale_id = d.sale_id
    WHERE l.imei_read IS NOT NULL AND (d.imei IS NULL OR l.imei_read <> d.imei)
), used_before AS (
    SELECT k.claim_id, k.imei, o.number
    FROM due_imei AS k
    JOIN mart_claims_claim AS o ON o.imei = k.imei
    WHERE NOT o.is_returned AND o.claim_id <> k.claim_id
      AND (o.sold_epoch < k.sold_epoch OR (o.sold_epoch = k.sold_epoch AND o.number < k.number))
    UNION
    SELECT k.claim_id, k.imei, o.number
    FROM due_imei AS k
    JOIN mart_claims_label AS l ON l.imei_read = k.imei
    JOIN mart_claims_claim AS o ON o.sale_id = l.sale_id
    WHERE NOT o.is_returned
      AND CASE WHEN o.claim_id = k.claim_id OR o.sold_epoch > k.sold_epoch THEN 0
               WHEN o.sold_epoch < k.sold_epoch OR o.number < k.number THEN 1 ELSE 0 END = 1
)
SELECT u.claim_id, MIN(u.imei) AS imei, MIN(u.number) AS other_number,
       CAST(COUNT(DISTINCT u.number) AS BIGINT) AS other_count
FROM used_before AS u
GROUP BY u.claim_id
