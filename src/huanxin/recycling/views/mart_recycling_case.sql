-- id: mart_recycling_case
-- title: differences that someone answers for until a day
SELECT id AS case_id, number, kind, state, outcome, unit_code, class_code, lot_id, run_id,
       owner_id AS owner_org_id, finder_id AS finder_org_id, region_path, expected, found,
       floor(extract(epoch FROM opened_at))::bigint AS opened_epoch,
       floor(extract(epoch FROM deadline_at))::bigint AS deadline_epoch,
       floor(extract(epoch FROM resolved_at))::bigint AS resolved_epoch
FROM recycling_case
