-- title: How each sold unit reached its buyer
SELECT r.sale_id, r.waybill, CAST(floor(extract(epoch FROM r.shipped_at)) AS bigint) AS shipped_epoch,
       CAST(floor(extract(epoch FROM r.signed_at)) AS bigint) AS signed_epoch,
       (r.signed_at AT TIME ZONE 'Asia/Shanghai')::date AS signed_on, r.receiver_pseudonym, r.receiver_relation,
       r.receiver_phone_key, r.address_key, r.address_region_code,
       r.route_scans::bigint AS route_scans,
       r.address_lat_e6, r.address_lon_e6, r.delivery_lat_e6, r.delivery_lon_e6
FROM claims_reading r
