-- id: orders
-- title: 回收订单
-- permission: recycling.read
-- columns: number 单号, state 状态, choice 领取方式, quoted_fen 估价, paid_fen 已付
SELECT order_id AS key, number, state, choice, quoted_fen, paid_fen,
       region_path, recycler_org_id AS org_id, station_org_id AS other_org_id
FROM mart_recycling_order
