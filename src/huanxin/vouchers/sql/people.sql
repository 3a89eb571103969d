-- title: The holders behind a batch of claims
SELECT p.person_id, p.holder_key, p.is_verified, p.region_path
FROM unnest(%(person_ids)s::uuid[]) AS k(person_id)
CROSS JOIN LATERAL (
    SELECT x.* FROM mart_identity_person x WHERE x.person_id = k.person_id
    OFFSET 0  -- keeps the planner on the index in a table it has no statistics of
) p
