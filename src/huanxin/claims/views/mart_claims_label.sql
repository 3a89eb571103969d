-- title: What was read from the unit itself: serial number, IMEI, grade, activation
SELECT r.sale_id, r.serial_read, r.imei_read, r.grade_read::integer AS grade_read,
       r.label_lat_e6, r.label_lon_e6,
       CAST(floor(extract(epoch FROM r.activated_at)) AS bigint) AS activated_epoch
FROM claims_reading r
