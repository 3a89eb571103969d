-- title: The live rights that the holders of a batch already have, by the number of their key
SELECT k.n, v.ordinal, v.id
FROM unnest(%(programmes)s::text[], %(category_codes)s::text[], %(holder_keys)s::text[])
     WITH ORDINALITY AS k(programme, category_code, holder_key, n)
CROSS JOIN LATERAL (
    SELECT x.ordinal, x.id FROM vouchers_voucher x
    WHERE x.programme = k.programme AND x.category_code = k.category_code
      AND x.holder_key = k.holder_key AND x.kind IN ('qualification', 'consumption')
      AND x.state IN ('inactive', 'usable', 'locked', 'used')
    OFFSET 0  -- keeps the planner on the index in a table it has no statistics of
) v
