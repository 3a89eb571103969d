-- id: mart_recycling_material
-- title: materials recovered
SELECT m.run_id, m.material_code, m.name, m.mass_g, m.is_hazardous, r.region_path,
       r.dismantler_id AS dismantler_org_id, r.waste_class_code, r.dismantled_on
FROM recycling_runmaterial m JOIN recycling_run r ON r.id = m.run_id
