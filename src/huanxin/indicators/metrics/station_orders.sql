-- id: station_orders
-- title: 服务站代办
-- group: 交旧回收 9
-- unit: orders
-- aggregate: sum
-- grain: 一行一张回收订单
-- direction: up
-- definition: 期内由社区服务站代居民预约的交旧订单数，按预约日统计
-- source: 回收订单（recycling）
SELECT number AS fact_no, region_path, booked_on AS fact_on, booked_epoch AS fact_epoch,
       ''::text AS category_code, 1::bigint AS value
FROM mart_recycling_order
WHERE station_org_id IS NOT NULL
