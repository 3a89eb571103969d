-- id: label_model_differs
-- title: 铭牌型号不符
-- outcome: hold
-- reason: R351
-- weight: 30
-- pattern: C3-3, C3-8 the unit's own barcode or model is another than the one that was sold
-- A filed name may say more than a plate, or less: one must stand within the other.
SELECT d.claim_id, d.gtin, l.gtin_read, m.model_code, l.model_code AS model_read
FROM claim_due AS d
JOIN mart_claims_label AS l ON l.sale_id = d.sale_id
LEFT JOIN mart_catalogue_model AS m ON m.model_id = d.model_id
WHERE l.gtin_read <> d.gtin
   OR (LENGTH(l.model_code) >= 5 AND LENGTH(m.model_code) >= 5
       AND POSITION(l.model_code IN m.model_code) = 0
       AND POSITION(m.model_code IN l.model_code) = 0)
