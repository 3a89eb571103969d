-- id: mass_recovered_g
-- title: 回收材料
-- group: 交旧回收 5
-- unit: grams
-- aggregate: sum
-- grain: 一行一个拆解批次的一种材料
-- direction: up
-- definition: 期内拆解产出、可再利用的材料重量，不含危险废物，按拆解日统计，归入拆解企业所在地区
-- source: 拆解批次（recycling）
SELECT r.number || ' ' || m.name AS fact_no, m.region_path, m.dismantled_on AS fact_on,
       r.dismantled_epoch AS fact_epoch, ''::text AS category_code, m.mass_g::bigint AS value
FROM mart_recycling_material m
JOIN mart_recycling_run r ON r.run_id = m.run_id
WHERE NOT m.is_hazardous
