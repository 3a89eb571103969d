-- id: serial_differs
-- title: 序列号不一致
-- outcome: hold
-- reason: R319
-- weight: 20
-- pattern: C3-8, C3-16 the serial or IMEI on the unit is not the one typed at the till
SELECT d.claim_id, d.serial_norm, l.serial_read, d.imei, l.imei_read
FROM claim_due AS d
JOIN mart_claims_label AS l ON l.sale_id = d.sale_id
WHERE l.serial_read <> d.serial_norm OR l.imei_read <> d.imei
