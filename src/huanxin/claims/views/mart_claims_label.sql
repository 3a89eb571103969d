-- title: What was read from the unit itself: serial number, IMEI, grade, activation
SELECT r.sale_id, r.serial_read, r.imei_read, r.grade_read::integer AS grade_read,
       r.gtin_read,
       upper(regexp_replace(r.model_read, '[^A-Za-z0-9]', '', 'g')) AS model_code,
       r.produced_on, CAST(extract(epoch FROM r.produced_on) AS bigint) AS produced_epoch,
       r.label_lat_e6, r.label_lon_e6,
       CAST(floor(extract(epoch FROM r.activated_at)) AS bigint) AS activated_epoch
FROM claims_reading r
