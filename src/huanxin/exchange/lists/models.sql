-- id: models
-- title: 备案型号
-- scope: public
-- permission: policy.read
-- import: yes
-- columns: gtin 商品条码, brand 品牌, name 型号, category_code 品类, energy_grade 能效等级, is_active 有效
SELECT model_id AS key, gtin, brand, name, category_code, energy_grade, is_active,
       NULL::text AS region_path, NULL::uuid AS org_id, NULL::uuid AS other_org_id
FROM mart_catalogue_model
