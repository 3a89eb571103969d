-- id: sales
-- title: 成交
-- permission: claims.read
-- columns: number 单号, programme 政策, category_code 品类, gtin 商品条码, serial_norm 序列号, price_fen 价格, subsidy_fen 补贴, trade_in_fen 焕新券, consumption_fen 消费券, to_pay_fen 实付, sold_on 成交日
SELECT sale_id AS key, number, programme, category_code, gtin, serial_norm, price_fen, subsidy_fen,
       trade_in_fen, consumption_fen, to_pay_fen, sold_on,
       region_path, merchant_id AS org_id, NULL::uuid AS other_org_id
FROM mart_claims_sale
