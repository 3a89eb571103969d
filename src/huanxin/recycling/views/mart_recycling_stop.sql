-- id: mart_recycling_stop
-- title: promised arrivals on the day's routes, and whether the old units were taken
SELECT s.id AS stop_id, s.order_id, o.number, o.region_path, r.id AS route_id,
       r.organisation_id AS recycler_org_id, r.route_on,
       floor(extract(epoch FROM s.arrive_at))::bigint AS arrive_epoch,
       o.collected_on IS NOT NULL AS is_collected,
       floor(extract(epoch FROM o.collected_at))::bigint AS collected_epoch
FROM recycling_routestop s
JOIN recycling_route r ON r.id = s.route_id
JOIN recycling_order o ON o.id = s.order_id
