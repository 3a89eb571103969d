-- title: Regions of the province with their population
SELECT code AS region_code, name, level, path AS region_path, population::bigint AS population
FROM identity_region
