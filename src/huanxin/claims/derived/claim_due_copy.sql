-- title: Pictures of a waiting claim that stand on other claims, too: how alike, how many, whose first
-- The same fingerprint anywhere; in the same shop one with an equal quarter: sure to 3 of its 64
-- bits, likely to 8. An index a quarter, so an arm a quarter. Nameplates of one model are alike by
-- nature and count to 3 bits; a picture that shows nothing is not compared (photo_empty). A slip is
-- the same picture in the shop's last week.
WITH asked AS (
    SELECT d.claim_id, d.model_id, d.number, p.merchant_id, p.sale_id, p.kind, p.photo_hash,
           p.photo_bits, p.submitted_epoch, p.part_1, p.part_2, p.part_3, p.part_4
    FROM claim_due AS d
    JOIN mart_claims_photo AS p ON p.sale_id = d.sale_id
    WHERE p.is_newest AND (p.photo_bits IS NULL OR p.photo_bits <> 0)
), near AS (
    SELECT a.claim_id, a.kind, o.sale_id, o.kind AS other_kind, 0 AS bits, o.submitted_epoch,
           o.merchant_id
    FROM asked AS a
    JOIN mart_claims_photo AS o ON o.photo_hash = a.photo_hash AND o.sale_id <> a.sale_id
    UNION
    SELECT a.claim_id, a.kind, o.sale_id, o.kind AS other_kind,
           CAST(BIT_COUNT(o.photo_bits # a.photo_bits) AS INTEGER) AS bits, o.submitted_epoch,
           o.merchant_id
    FROM asked AS a
    JOIN mart_claims_photo AS o
      ON o.part_1 = a.part_1 AND o.merchant_id = a.merchant_id AND o.sale_id <> a.sale_id
    WHERE BIT_COUNT(o.photo_bits # a.photo_bits) <= 8
    UNION
    SELECT a.claim_id, a.kind, o.sale_id, o.kind AS other_kind,
           CAST(BIT_COUNT(o.photo_bits # a.photo_bits) AS INTEGER) AS bits, o.submitted_epoch,
           o.merchant_id
    FROM asked AS a
    JOIN mart_claims_photo AS o
      ON o.part_2 = a.part_2 AND o.merchant_id = a.merchant_id AND o.sale_id <> a.sale_id
    WHERE BIT_COUNT(o.photo_bits # a.photo_bits) <= 8
    UNION
    SELECT a.claim_id, a.kind, o.sale_id, o.kind AS other_kind,
           CAST(BIT_COUNT(o.photo_bits # a.photo_bits) AS INTEGER) AS bits, o.submitted_epoch,
           o.merchant_id
    FROM asked AS a
    JOIN mart_claims_photo AS o
      ON o.part_3 = a.part_3 AND o.merchant_id = a.merchant_id AND o.sale_id <> a.sale_id
    WHERE BIT_COUNT(o.photo_bits # a.photo_bits) <= 8
    UNION
    SELECT a.claim_id, a.kind, o.sale_id, o.kind AS other_kind,
           CAST(BIT_COUNT(o.photo_bits # a.photo_bits) AS INTEGER) AS bits, o.submitted_epoch,
           o.merchant_id
    FROM asked AS a
    JOIN mart_claims_photo AS o
      ON o.part_4 = a.part_4 AND o.merchant_id = a.merchant_id AND o.sale_id <> a.sale_id
    WHERE BIT_COUNT(o.photo_bits # a.photo_bits) <= 8
), pair AS (
    SELECT n.claim_id, n.kind, n.sale_id, a.photo_hash, n.bits,
           CASE WHEN n.kind = 'label' AND n.other_kind = 'label' AND s.model_id = a.model_id
                THEN 1 ELSE 0 END AS is_same_plate,
           CASE WHEN n.submitted_epoch < a.submitted_epoch
                  OR (n.submitted_epoch = a.submitted_epoch AND s.number < a.number)
                THEN 1 ELSE 0 END AS is_earlier,
           CASE WHEN n.bits = 0 AND n.merchant_id = a.merchant_id
                 AND a.submitted_epoch - n.submitted_epoch < 604800 THEN 1 ELSE 0 END AS is_slip
    FROM near AS n
    JOIN asked AS a ON a.claim_id = n.claim_id AND a.kind = n.kind
    JOIN mart_claims_sale AS s ON s.sale_id = n.sale_id
)
SELECT q.claim_id, MIN(q.kind) AS kind, MIN(q.photo_hash) AS photo_hash,
       CAST(MIN(q.bits) AS BIGINT) AS least_bits,
       CAST(COUNT(DISTINCT q.sale_id) AS BIGINT) AS other_count,
       CAST(COUNT(DISTINCT q.kind) AS BIGINT) AS kind_count,
       MAX(q.is_earlier) AS is_earlier, MIN(q.is_slip) AS is_slip
FROM pair AS q
WHERE q.bits <= 3 OR (q.bits <= 8 AND q.is_same_plate = 0)
GROUP BY q.claim_id
