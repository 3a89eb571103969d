-- title: What the pools of a batch give for each category
SELECT pool_id, category_code, cap_fen, reserve_fen, limit_count
FROM vouchers_poolline WHERE pool_id = ANY(%(pool_ids)s::uuid[])
