-- id: vouchers
-- title: 资格与券
-- permission: vouchers.read
-- columns: number 编号, kind 类型, programme 政策, category_code 品类, state 状态, worth_fen 面值, topup_fen 加价, issued_on 发放日
SELECT voucher_id AS key, number, kind, programme, category_code, state, worth_fen, topup_fen, issued_on,
       pool_region_path AS region_path, NULL::uuid AS org_id, NULL::uuid AS other_org_id
FROM mart_vouchers_voucher
