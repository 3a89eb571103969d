-- title: What each sale spent, and whether it was cancelled
SELECT r.sale_id, r.leg, r.voucher_id, r.person_id, r.org_id, r.amount_fen, r.manufacturer,
       r.serial_norm, r.imei, CAST(floor(extract(epoch FROM r.redeemed_at)) AS bigint) AS at_epoch,
       r.redeemed_on, c.sale_id IS NOT NULL AS is_cancelled, c.cancelled_on
FROM vouchers_redemption r
LEFT JOIN vouchers_cancellation c ON c.sale_id = r.sale_id
