-- id: units
-- title: 旧机
-- permission: recycling.read
-- columns: unit_code 身份码, category_code 品类, state 状态, grade 等级, mass_g 重量, cash_fen 现金, voucher_fen 焕新券, collected_on 取走日
SELECT unit_id AS key, unit_code, category_code, state, grade, mass_g, cash_fen, voucher_fen, collected_on,
       region_path, depot_org_id AS org_id, NULL::uuid AS other_org_id
FROM mart_recycling_unit
