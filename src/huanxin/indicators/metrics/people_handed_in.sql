-- id: people_handed_in
-- title: 交旧人数
-- group: 交旧回收 3
-- unit: people
-- aggregate: distinct
-- grain: 一行一张回收订单，按人去重
-- direction: up
-- definition: 期内有旧机被收走的人数，同一人多次交旧只计一次
-- source: 回收订单（recycling）
SELECT o.number AS fact_no, o.region_path, o.collected_on AS fact_on,
       o.collected_epoch AS fact_epoch, ''::text AS category_code, 1::bigint AS value,
       o.person_id::text AS fact_key
FROM mart_recycling_order o
WHERE o.collected_on IS NOT NULL
