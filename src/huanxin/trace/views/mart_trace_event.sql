-- id: mart_trace_event
-- title: EPCIS events
SELECT event_id, type, biz_step, disposition, action,
       floor(extract(epoch FROM at))::bigint AS at_epoch, event_on,
       organisation_id AS org_id, region_path
FROM trace_event
