-- title: Lock each unit to its sale; a unit or IMEI that carries a live sale is left out
INSERT INTO vouchers_devicelock (manufacturer, serial_norm, imei, sale_id, org_id, locked_at)
SELECT t.manufacturer, t.serial_norm, t.imei, t.sale_id, t.org_id, %(at)s
FROM unnest(%(manufacturers)s::text[], %(serials)s::text[], %(imeis)s::text[],
            %(sale_ids)s::uuid[], %(org_ids)s::uuid[])
     AS t(manufacturer, serial_norm, imei, sale_id, org_id)
ORDER BY t.manufacturer, t.serial_norm
ON CONFLICT DO NOTHING
RETURNING sale_id
