-- title: Lock the pools of a batch, in key order
SELECT id, kind, programme, region_code, region_path, remaining, opens_at, closes_at, lapse_hours,
       mode
FROM vouchers_pool WHERE id = ANY(%(pool_ids)s::uuid[]) ORDER BY id FOR NO KEY UPDATE
