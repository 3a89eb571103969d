-- id: vouchers_claimed
-- title: 领取补贴资格
-- group: 补贴资金 8
-- unit: vouchers
-- aggregate: sum
-- grain: 一行一张补贴资格
-- direction: up
-- definition: 期内领到的补贴资格张数，含后来失效、作废的，按领取日统计
-- source: 补贴资格（vouchers）
SELECT number AS fact_no, pool_region_path AS region_path, issued_on AS fact_on,
       issued_epoch AS fact_epoch, category_code, 1::bigint AS value
FROM mart_vouchers_voucher
WHERE kind = 'qualification'
