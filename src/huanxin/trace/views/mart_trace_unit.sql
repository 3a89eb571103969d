-- id: mart_trace_unit
-- title: unit passports
SELECT unit_code, state, class_code, order_id, region_path, holder_id AS holder_org_id, mass_g,
       floor(extract(epoch FROM born_at))::bigint AS born_epoch, born_on,
       floor(extract(epoch FROM closed_at))::bigint AS closed_epoch, certificate_no,
       seq AS custody_count
FROM trace_unit
