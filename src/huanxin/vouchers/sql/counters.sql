-- title: Where the tills of a batch are registered to stand
SELECT org_id, lat_e6, lon_e6 FROM mart_identity_organisation WHERE org_id = ANY(%(org_ids)s::uuid[])
