-- title: Lock the pools of a batch, in key order, with what each gives and keeps for later stages
-- note: lines and stages never change, so that reading them before the lock is granted does no harm
SELECT p.id, p.kind, p.programme, p.region_code, p.region_path, p.remaining, p.opens_at,
       p.closes_at, p.lapse_hours, p.mode,
       (SELECT json_agg(json_build_array(l.category_code, l.cap_fen, l.reserve_fen, l.limit_count,
                                       l.holder, l.counts_across))
        FROM vouchers_poolline l WHERE l.pool_id = p.id) AS lines,
       (SELECT json_agg(json_build_array(s.opens_at, s.places) ORDER BY s.opens_at)
        FROM vouchers_poolstage s WHERE s.pool_id = p.id AND s.opens_at > %(at)s::timestamptz)
           AS later
FROM vouchers_pool p
WHERE p.id = ANY(%(pool_ids)s::uuid[])
ORDER BY p.id
FOR NO KEY UPDATE OF p
