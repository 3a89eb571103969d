-- id: old_units_collected
-- title: 回收旧机
-- group: 交旧回收 1
-- unit: units
-- aggregate: sum
-- grain: 一行一台旧机
-- direction: up
-- definition: 期内上门收走并发放身份码的旧家电与数码产品台数，按收走日统计
-- source: 回收订单（recycling）
SELECT u.unit_code AS fact_no, o.region_path, o.collected_on AS fact_on,
       o.collected_epoch AS fact_epoch, u.category_code, 1::bigint AS value
FROM mart_recycling_unit u
JOIN mart_recycling_order o ON o.order_id = u.order_id
WHERE o.collected_on IS NOT NULL AND u.unit_code IS NOT NULL
