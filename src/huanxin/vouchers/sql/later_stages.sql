-- title: The stages of pools that are still to open, soonest first
SELECT pool_id, opens_at, places FROM vouchers_poolstage
WHERE pool_id = ANY(%(pool_ids)s::uuid[]) AND opens_at > %(at)s
ORDER BY pool_id, opens_at
