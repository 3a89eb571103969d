-- id: new_units_sold
-- title: 换新售出
-- group: 换新消费 1
-- unit: units
-- aggregate: sum
-- grain: 一行一笔销售
-- direction: up
-- definition: 期内售出并享受补贴的新家电与数码产品台数；已退货、审核最终不予补贴的不计，按售出日统计
-- source: 收银台销售记录（claims）
SELECT number AS fact_no, region_path, sold_on AS fact_on, sold_epoch AS fact_epoch,
       category_code, 1::bigint AS value
FROM mart_claims_claim
WHERE NOT is_returned AND NOT is_closed
