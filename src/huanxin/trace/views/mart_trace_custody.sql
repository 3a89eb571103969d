-- id: mart_trace_custody
-- title: links of the custody chain
SELECT c.unit_id AS unit_code, c.seq, c.from_holder_id AS from_org_id,
       c.to_holder_id AS to_org_id, c.from_state, c.to_state, c.mass_g, e.biz_step, e.event_id,
       floor(extract(epoch FROM c.at))::bigint AS at_epoch
FROM trace_custody c JOIN trace_event e ON e.id = c.event_id
