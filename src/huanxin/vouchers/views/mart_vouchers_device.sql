-- title: Units that carry or carried a subsidised sale
SELECT manufacturer, serial_norm, imei, sale_id, org_id, freed_at IS NULL AS is_locked,
       CAST(floor(extract(epoch FROM locked_at)) AS bigint) AS locked_epoch
FROM vouchers_devicelock
