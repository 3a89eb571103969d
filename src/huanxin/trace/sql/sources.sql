-- id: sources
-- title: the units that went into a material, by the transformations that yielded it
SELECT DISTINCT u.unit_code, u.class_code, u.order_id, u.mass_g, e.event_id, e.at
FROM trace_eventepc out
JOIN trace_event e ON e.id = out.event_id AND NOT e.declares_error
JOIN trace_eventepc i ON i.event_id = e.id AND i.role = 'input'
JOIN trace_unit u ON u.giai = substr(i.epc, 25)
WHERE out.epc = %s AND out.role IN ('out_class', 'output', 'xform') AND /*visible*/
  AND i.epc LIKE 'https://id.gs1.org/8004/%%'
  AND NOT EXISTS (SELECT FROM trace_event d WHERE d.event_id = e.event_id AND d.declares_error)
ORDER BY e.at, u.unit_code LIMIT 10000
