-- title: The requests of a batch that won before
SELECT v.request_id, v.id, v.pool_id, v.person_id, v.category_code
FROM unnest(%(request_ids)s::uuid[]) AS k(request_id)
CROSS JOIN LATERAL (
    SELECT x.* FROM vouchers_voucher x WHERE x.request_id = k.request_id
    OFFSET 0  -- keeps the planner on the index in a table it has no statistics of
) v
