-- id: sales_driven_fen
-- title: 拉动消费
-- group: 换新消费 2
-- unit: fen
-- aggregate: sum
-- grain: 一行一笔销售
-- direction: up
-- definition: 期内享受补贴商品的发票金额（扣除商家优惠与焕新券之后、扣除补贴之前）；已退货、审核最终不予补贴的不计，按售出日统计
-- source: 收银台销售记录（claims）
SELECT number AS fact_no, region_path, sold_on AS fact_on, sold_epoch AS fact_epoch,
       category_code, price_fen AS value
FROM mart_claims_claim
WHERE NOT is_returned AND NOT is_closed
