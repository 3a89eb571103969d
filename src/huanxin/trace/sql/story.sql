-- id: story
-- title: the links of a unit's custody with their events, holders and seals
SELECT c.seq, c.at, e.biz_step, c.to_state, c.to_holder_id, o.name, c.mass_g, e.event_id, e.id,
       e.body, EXISTS (SELECT FROM kernel_leaf l WHERE l.kind = 'event' AND l.row_id = e.id)
FROM trace_custody c
JOIN trace_event e ON e.id = c.event_id
JOIN mart_identity_organisation o ON o.org_id = c.to_holder_id
WHERE c.unit_id = %s ORDER BY c.seq
