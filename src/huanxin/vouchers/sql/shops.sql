-- title: Where the shops of a batch lie
SELECT org_id, region_path FROM mart_identity_organisation WHERE org_id = ANY(%(org_ids)s::uuid[])
