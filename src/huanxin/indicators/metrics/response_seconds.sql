-- id: response_seconds
-- title: 派单响应用时
-- group: 交旧回收 2
-- unit: seconds
-- aggregate: lower_median
-- grain: 一行一张回收订单
-- direction: down
-- definition: 从居民预约成功到系统把订单派给回收企业的时间，取中位数（偶数张时取较小的一个），按预约日统计
-- source: 回收订单（recycling）
SELECT number AS fact_no, region_path, booked_on AS fact_on, booked_epoch AS fact_epoch,
       ''::text AS category_code, offered_epoch - booked_epoch AS value
FROM mart_recycling_order
WHERE offered_epoch IS NOT NULL
