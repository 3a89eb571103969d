-- title: Who stands behind each claim of a batch, what she has of that kind, and what it won before
-- note: each OFFSET 0 keeps its look-up on an index, whatever the statistics say or lack
SELECT k.n, p.holder_key, p.is_verified,
       EXISTS (
           SELECT 1 FROM mart_identity_restriction x
           WHERE x.kind = 'person' AND x.key = k.person_id::text AND x.from_on <= %(on)s::date
             AND (x.to_on IS NULL OR x.to_on > %(on)s::date)
           OFFSET 0
       ) OR (k.device_key <> '' AND EXISTS (
           SELECT 1 FROM mart_identity_restriction x
           WHERE x.kind = 'device' AND x.key = k.device_key AND x.from_on <= %(on)s::date
             AND (x.to_on IS NULL OR x.to_on > %(on)s::date)
           OFFSET 0
       )) AS is_barred,
       v.ordinal, v.id, e.id AS earlier_id,
       (e.pool_id, e.person_id, e.category_code) = (k.pool_id, k.person_id, k.category_code)
           AS is_same
FROM unnest(%(request_ids)s::uuid[], %(pool_ids)s::uuid[], %(person_ids)s::uuid[],
            %(category_codes)s::text[], %(device_keys)s::text[])
     WITH ORDINALITY AS k(request_id, pool_id, person_id, category_code, device_key, n)
LEFT JOIN LATERAL (
    SELECT x.* FROM mart_identity_person x WHERE x.person_id = k.person_id OFFSET 0
) p ON true
LEFT JOIN LATERAL (
    SELECT x.programme FROM vouchers_pool x WHERE x.id = k.pool_id OFFSET 0
) o ON true
LEFT JOIN LATERAL (
    SELECT x.ordinal, x.id FROM vouchers_voucher x
    WHERE x.programme = o.programme AND x.category_code = k.category_code
      AND x.holder_key = p.holder_key AND x.kind IN ('qualification', 'consumption')
      AND x.state IN ('inactive', 'usable', 'locked', 'used')
    OFFSET 0
) v ON true
LEFT JOIN LATERAL (
    SELECT x.* FROM vouchers_voucher x WHERE x.request_id = k.request_id OFFSET 0
) e ON true
