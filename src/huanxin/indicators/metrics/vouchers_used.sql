-- id: vouchers_used
-- title: 核销补贴资格
-- group: 补贴资金 9
-- unit: vouchers
-- aggregate: sum
-- grain: 一行一张补贴资格
-- direction: up
-- definition: 期内在收银台核销的补贴资格张数；因退货恢复的不计，按核销日统计
-- source: 补贴资格（vouchers）与收银台销售记录（claims）
SELECT v.number AS fact_no, v.pool_region_path AS region_path, s.sold_on AS fact_on,
       s.sold_epoch AS fact_epoch, v.category_code, 1::bigint AS value
FROM mart_vouchers_voucher v
JOIN mart_claims_sale s ON s.sale_id = v.redeemed_sale_id
WHERE v.kind = 'qualification' AND v.state = 'used'
