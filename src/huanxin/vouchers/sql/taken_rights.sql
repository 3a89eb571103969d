-- title: The live rights that the holders of a batch already have
SELECT k.programme, k.category_code, k.holder_key, v.ordinal, v.id
FROM json_to_recordset(%(rows)s::json) AS k(programme text, category_code text, holder_key text)
CROSS JOIN LATERAL (
    SELECT x.ordinal, x.id FROM vouchers_voucher x
    WHERE x.programme = k.programme AND x.category_code = k.category_code
      AND x.holder_key = k.holder_key AND x.kind IN ('qualification', 'consumption')
      AND x.state IN ('inactive', 'usable', 'locked', 'used')
    OFFSET 0  -- keeps the planner on the index in a table it has no statistics of
) v
