-- id: serial_reused
-- title: 序列号重复
-- outcome: refuse
-- reason: R301
-- weight: 60
-- pattern: C3-13 one unit sold several times, by what was typed or by what its label shows
WITH due_serial AS (
    SELECT d.claim_id, d.number, d.manufacturer, d.sold_epoch, d.serial_norm AS serial
    FROM claim_due AS d
    UNION ALL
    SELECT d.claim_id, d.number, d.manufacturer, d.sold_epoch, l.serial_read AS serial
    FROM claim_due AS d
    JOIN mart_claims_label AS l ON l.sale_id = d.sale_id
    WHERE l.serial_read <> d.serial_norm
), used_before AS (
    SELECT k.claim_id, k.serial, o.number
    FROM due_serial AS k
    JOIN mart_claims_claim AS o ON o.manufacturer = k.manufacturer AND o.serial_norm = k.serial
    WHERE NOT o.is_returned AND o.claim_id <> k.claim_id
      AND (o.sold_epoch < k.sold_epoch OR (o.sold_epoch = k.sold_epoch AND o.number < k.number))
    UNION
    SELECT k.claim_id, k.serial, o.number
    FROM due_serial AS k
    JOIN mart_claims_label AS l ON l.serial_read = k.serial
    JOIN mart_claims_claim AS o ON o.sale_id = l.sale_id AND o.manufacturer = k.manufacturer
    WHERE NOT o.is_returned AND o.claim_id <> k.claim_id
      AND (o.sold_epoch < k.sold_epoch OR (o.sold_epoch = k.sold_epoch AND o.number < k.number))
)
SELECT u.claim_id, MIN(u.serial) AS serial_norm, MIN(u.number) AS other_number,
       CAST(COUNT(DISTINCT u.number) AS BIGINT) AS other_count
FROM used_before AS u
GROUP BY u.claim_id
