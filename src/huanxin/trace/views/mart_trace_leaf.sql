-- id: mart_trace_leaf
-- title: events, with the custody they moved, as leaves of the transparency log
SELECT l.row_id, l.tx, sha256(convert_to(l.text, 'UTF8')) AS digest, l.text
FROM (
  SELECT e.id AS row_id, e.tx,
         concat_ws('|', 'event', e.id, e.event_id, e.declares_error::int,
                   (extract(epoch FROM e.recorded_at) * 1000000)::bigint,
                   e.organisation_id, e.region_path, e.body,
                   (SELECT coalesce(string_agg(concat_ws(',', c.unit_id, c.seq, coalesce(c.from_holder_id::text, ''),
                             c.to_holder_id, c.to_state,
                             (extract(epoch FROM c.at) * 1000000)::bigint, coalesce(c.mass_g, 0)),
                             ';' ORDER BY c.unit_id, c.seq), '')
                    FROM trace_custody c WHERE c.event_id = e.id)) AS text
  FROM trace_event e
) l
