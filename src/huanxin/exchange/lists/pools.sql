-- id: pools
-- title: 资金池
-- scope: public
-- permission: policy.read
-- columns: title 名称, kind 类型, programme 政策, place_count 名额, left_count 剩余
SELECT pool_id AS key, title, kind, programme, quantity AS place_count, remaining AS left_count,
       region_path, NULL::uuid AS org_id, NULL::uuid AS other_org_id
FROM mart_vouchers_pool
