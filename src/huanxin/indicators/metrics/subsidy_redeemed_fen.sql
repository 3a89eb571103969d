-- id: subsidy_redeemed_fen
-- title: 已核销补贴
-- group: 补贴资金 4
-- unit: fen
-- aggregate: sum
-- grain: 一行一笔销售
-- direction: up
-- definition: 期内销售在收银台直接抵减的财政补贴；已退货、审核最终不予补贴的不计，按售出日统计
-- source: 收银台销售记录（claims），与资金账本的占用、支付逐笔相等
SELECT number AS fact_no, region_path, sold_on AS fact_on, sold_epoch AS fact_epoch,
       category_code, subsidy_fen AS value
FROM mart_claims_claim
WHERE NOT is_returned AND NOT is_closed
