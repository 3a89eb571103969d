-- title: Organisations admitted to the platform
SELECT id AS org_id, kind, name, uscc, region_path, status FROM identity_organisation
