-- id: lots
-- title: 移交批次
-- permission: recycling.read
-- columns: number 批次号, sscc SSCC, state 状态, purpose 用途
SELECT lot_id AS key, number, sscc, state, purpose,
       region_path, depot_org_id AS org_id, receiver_org_id AS other_org_id
FROM mart_recycling_lot
