-- id: units_dismantled
-- title: 规范拆解
-- group: 交旧回收 4
-- unit: units
-- aggregate: sum
-- grain: 一行一台旧机
-- direction: up
-- definition: 期内由拆解企业拆解并出具证明的旧机台数，按拆解日统计，归入旧机交出的地区
-- source: 拆解批次（recycling）
SELECT u.unit_code AS fact_no, u.region_path, r.dismantled_on AS fact_on,
       r.dismantled_epoch AS fact_epoch, u.category_code, 1::bigint AS value
FROM mart_recycling_unit u
JOIN mart_recycling_run r ON r.run_id = u.run_id
WHERE u.state = 'dismantled'
