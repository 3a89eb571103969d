-- title: Vouchers of every kind with their right, money held, and the sale that used them
SELECT v.id AS voucher_id, v.number, v.kind, v.programme, v.category_code, v.state, v.person_id,
       v.holder_key, v.ordinal::integer AS ordinal, v.pool_id, v.region_path AS pool_region_path,
       v.device_key, v.worth_fen, v.topup_fen, v.reserve_fen, v.order_id,
       CAST(floor(extract(epoch FROM v.issued_at)) AS bigint) AS issued_epoch, v.issued_on,
       CAST(floor(extract(epoch FROM v.expires_at)) AS bigint) AS expires_epoch,
       v.used_sale_id AS redeemed_sale_id,
       CAST(floor(extract(epoch FROM v.changed_at)) AS bigint) AS changed_epoch
FROM vouchers_voucher v
