-- id: prices
-- title: 备案价格
-- permission: catalogue.file
-- import: yes
-- key: text
-- columns: uscc 统一社会信用代码, org_name 单位, gtin 商品条码, model 型号, price_fen 备案价, from_on 起始日, to_on 截止日
SELECT coalesce(p.org_id::text, 'guide') || ':' || p.model_id::text || ':' || p.from_on::text AS key, o.uscc, o.name AS org_name,
       m.gtin, m.name AS model, p.price_fen, p.from_on, p.to_on,
       o.region_path, p.org_id, NULL::uuid AS other_org_id
FROM mart_catalogue_filed_price p
JOIN mart_catalogue_model m ON m.model_id = p.model_id
LEFT JOIN mart_identity_organisation o ON o.org_id = p.org_id
