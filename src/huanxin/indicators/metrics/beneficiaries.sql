-- id: beneficiaries
-- title: 惠及消费者
-- group: 换新消费 3
-- unit: people
-- aggregate: distinct
-- grain: 一行一笔销售，按人去重
-- direction: up
-- definition: 期内买到补贴商品的人数，同一人多次购买只计一次，因此各地区、各日之和可能大于合计
-- source: 收银台销售记录（claims）
SELECT number AS fact_no, region_path, sold_on AS fact_on, sold_epoch AS fact_epoch,
       category_code, 1::bigint AS value, person_pseudonym AS fact_key
FROM mart_claims_claim
WHERE NOT is_returned AND NOT is_closed
