-- id: claims
-- title: 补贴申报
-- permission: claims.read
-- columns: number 单号, programme 政策, category_code 品类, gtin 商品条码, price_fen 价格, subsidy_fen 补贴, sold_on 成交日, verify_status 核验, audit_status 复核
SELECT claim_id AS key, number, programme, category_code, gtin, price_fen, subsidy_fen, sold_on,
       verify_status, audit_status,
       region_path, merchant_id AS org_id, NULL::uuid AS other_org_id
FROM mart_claims_claim
