-- id: mart_recycling_order
-- title: recycling orders
SELECT id AS order_id, number, person_id, region_path, state, choice, quoted_fen, paid_fen,
       voucher_id,
       floor(extract(epoch FROM booked_at))::bigint AS booked_epoch,
       floor(extract(epoch FROM offered_at))::bigint AS offered_epoch,
       floor(extract(epoch FROM assigned_at))::bigint AS assigned_epoch,
       floor(extract(epoch FROM collected_at))::bigint AS collected_epoch,
       floor(extract(epoch FROM completed_at))::bigint AS completed_epoch,
       organisation_id AS recycler_org_id, assisted_org_id AS station_org_id, slot_on,
       booked_on, collected_on
FROM recycling_order
