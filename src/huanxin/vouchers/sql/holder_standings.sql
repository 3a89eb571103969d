-- title: Under which key each claim counts that is not by person and category, and what that key has
-- note: an empty category stands for all of the programme; each OFFSET 0 keeps its look-up on an index
SELECT k.n, p.holder_key, v.ordinal, v.id
FROM unnest(%(person_ids)s::uuid[], %(programmes)s::text[], %(category_codes)s::text[],
            %(holders)s::text[])
     WITH ORDINALITY AS k(person_id, programme, category_code, holder, n)
LEFT JOIN LATERAL (
    SELECT CASE k.holder WHEN 'person' THEN x.holder_key
                         WHEN 'household' THEN x.household_key END AS holder_key
    FROM mart_identity_person x WHERE x.person_id = k.person_id OFFSET 0
) p ON true
LEFT JOIN LATERAL (
    SELECT x.ordinal, x.id FROM vouchers_voucher x
    WHERE x.programme = k.programme AND x.category_code = k.category_code
      AND x.holder_key = p.holder_key AND x.kind IN ('qualification', 'consumption')
      AND x.state IN ('inactive', 'usable', 'locked', 'used')
    UNION ALL
    SELECT x.ordinal, x.id FROM vouchers_voucher x
    WHERE k.category_code = '' AND x.counts_across AND x.programme = k.programme
      AND x.holder_key = p.holder_key AND x.kind IN ('qualification', 'consumption')
      AND x.state IN ('inactive', 'usable', 'locked', 'used')
    OFFSET 0
) v ON true
