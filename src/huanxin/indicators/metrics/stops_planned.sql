-- id: stops_planned
-- title: 路线任务
-- group: 交旧回收 6
-- unit: stops
-- aggregate: sum
-- grain: 一行一个上门停靠
-- direction: none
-- definition: 期内排入回收车辆路线的上门任务数，按路线日统计；改约、取消后移出路线的不计
-- source: 回收路线（recycling）
SELECT number AS fact_no, region_path, route_on AS fact_on, arrive_epoch AS fact_epoch,
       ''::text AS category_code, 1::bigint AS value
FROM mart_recycling_stop
