-- title: Lock each unit to its sale; a unit or IMEI that carries a live sale is left out
INSERT INTO vouchers_devicelock (manufacturer, serial_norm, imei, sale_id, org_id, locked_at)
SELECT t.manufacturer, t.serial_norm, t.imei, t.sale_id, t.org_id, %(at)s
FROM json_to_recordset(%(rows)s::json) AS t(
    manufacturer text, serial_norm text, imei text, sale_id uuid, org_id uuid)
ORDER BY t.manufacturer, t.serial_norm
ON CONFLICT DO NOTHING
RETURNING sale_id
