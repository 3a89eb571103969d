-- title: Organisations admitted to the platform
SELECT id AS org_id, kind, name, uscc, region_path, status, lat_e6::integer AS lat_e6,
       lon_e6::integer AS lon_e6, phone, address
FROM identity_organisation
