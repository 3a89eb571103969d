-- id: mart_recycling_run
-- title: dismantling runs and their mass balance
SELECT id AS run_id, number, certificate_no, dismantler_id AS dismantler_org_id, region_path,
       waste_class_code, unit_count, mass_in_g, mass_out_g, hazardous_g, tolerance_bps,
       floor(extract(epoch FROM dismantled_at))::bigint AS dismantled_epoch, dismantled_on
FROM recycling_run
