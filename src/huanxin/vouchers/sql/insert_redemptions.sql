-- title: Write what a batch of sales spends, and mark the vouchers used
WITH spent AS (
    INSERT INTO vouchers_redemption
        (sale_id, leg, voucher_id, person_id, org_id, amount_fen, reserve_fen, manufacturer,
         serial_norm, imei, price_fen, redeemed_at, redeemed_on)
    SELECT t.sale_id, t.leg, t.voucher_id, t.person_id, t.org_id, t.amount_fen, t.reserve_fen,
           t.manufacturer, t.serial_norm, t.imei, t.price_fen, t.redeemed_at, t.redeemed_on
    FROM json_to_recordset(%(rows)s::json) AS t(
        sale_id uuid, leg text, voucher_id uuid, person_id uuid, org_id uuid, amount_fen bigint,
        reserve_fen bigint, manufacturer text, serial_norm text, imei text,
        price_fen bigint, redeemed_at timestamptz, redeemed_on date)
    RETURNING voucher_id, sale_id
)
UPDATE vouchers_voucher v
SET state = 'used', used_sale_id = spent.sale_id, locked_for = NULL, locked_until = NULL, reserve_fen = 0,
    reserve_cause = '', reserve_cause_id = NULL, changed_at = %(at)s
FROM spent
WHERE v.id = spent.voucher_id
