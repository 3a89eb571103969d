-- title: People without personal data; the pseudonym is the province-wide blind index
SELECT id AS person_id, document_index_province AS person_pseudonym,
       'person:' || id::text AS holder_key, 'household:' || household_index AS household_key,
       phone_index AS phone_key,
       region_path,
       birth_year::integer AS birth_year, is_verified
FROM identity_person
