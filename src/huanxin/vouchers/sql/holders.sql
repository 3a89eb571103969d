-- title: The keys that rights of a batch of people may be counted under
SELECT person_id, holder_key, household_key, is_verified
FROM mart_identity_person WHERE person_id = ANY(%(person_ids)s::uuid[])
