-- id: thing_restricted
-- title: 设备或地址受限
-- outcome: hold
-- reason: R393
-- weight: 40
-- pattern: C4 a unit or a delivery address that the violation library keeps out on the day of the sale
WITH named AS (
    SELECT d.claim_id, d.sold_on, '该台商品' AS thing, 'device' AS kind, d.device_key AS subject
    FROM claim_due AS d
    UNION ALL
    SELECT d.claim_id, d.sold_on, '该台商品' AS thing, 'device' AS kind,
           CONCAT('imei:', d.imei) AS subject
    FROM claim_due AS d
    WHERE d.imei IS NOT NULL
    UNION ALL
    SELECT d.claim_id, d.sold_on, '收货地址' AS thing, 'address' AS kind,
           CONCAT(CAST(v.address_lat_e6 - v.address_lat_e6 % 100 AS VARCHAR), ',',
                  CAST(v.address_lon_e6 - v.address_lon_e6 % 100 AS VARCHAR)) AS subject
    FROM claim_due AS d
    JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
    WHERE v.address_lat_e6 IS NOT NULL AND v.address_lon_e6 IS NOT NULL
)
SELECT n.claim_id, MIN(n.thing) AS thing, CAST(COUNT(*) AS BIGINT) AS restriction_count
FROM named AS n
JOIN mart_identity_restriction AS x ON x.kind = n.kind AND x.key = n.subject
WHERE x.from_on <= n.sold_on AND (x.to_on IS NULL OR x.to_on > n.sold_on)
GROUP BY n.claim_id
