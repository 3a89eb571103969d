-- id: mart_recycling_discrepancy
-- title: what gate scans found against packing lists
SELECT d.id AS discrepancy_id, d.lot_id, d.unit_code, d.kind, d.expected_g, d.found_g,
       l.region_path, floor(extract(epoch FROM d.found_at))::bigint AS found_epoch
FROM recycling_discrepancy d JOIN recycling_lot l ON l.id = d.lot_id
