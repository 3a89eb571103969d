-- title: The holders behind a batch of claims
SELECT person_id, holder_key, is_verified, region_path
FROM mart_identity_person WHERE person_id = ANY(%(person_ids)s::uuid[])
