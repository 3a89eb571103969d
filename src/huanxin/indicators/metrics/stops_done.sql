-- id: stops_done
-- title: 已完成上门
-- group: 交旧回收 7
-- unit: stops
-- aggregate: sum
-- grain: 一行一个上门停靠
-- direction: up
-- definition: 期内路线任务中已经收走旧机的任务数，按路线日统计
-- source: 回收路线（recycling）
SELECT number AS fact_no, region_path, route_on AS fact_on, collected_epoch AS fact_epoch,
       ''::text AS category_code, 1::bigint AS value
FROM mart_recycling_stop
WHERE is_collected
