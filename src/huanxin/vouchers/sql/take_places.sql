-- title: Take the places that a batch won from its pools, which it holds locked
UPDATE vouchers_pool p SET remaining = p.remaining - t.count
FROM unnest(%(pool_ids)s::uuid[], %(counts)s::int[]) AS t(pool_id, count)
WHERE p.id = t.pool_id
