-- id: mart_recycling_lot
-- title: lots from depot to dismantler
SELECT l.id AS lot_id, l.number, l.sscc, l.state, l.depot_id AS depot_org_id,
       l.receiver_id AS receiver_org_id, l.purpose, l.region_path,
       floor(extract(epoch FROM l.packed_at))::bigint AS packed_epoch,
       floor(extract(epoch FROM l.shipped_at))::bigint AS shipped_epoch,
       floor(extract(epoch FROM l.received_at))::bigint AS received_epoch
FROM recycling_lot l
