-- title: Subsidised sales as the tills wrote them, returned ones included
SELECT s.id AS sale_id, s.number COLLATE "C" AS number, s.programme, s.version_hash,
       s.category_code,
       s.energy_grade::integer AS energy_grade, s.merchant_id, s.till_id, s.channel, s.pay_type,
       s.person_id, s.person_pseudonym, s.qualification_id, s.trade_in_voucher_id, s.model_id, s.gtin,
       s.manufacturer, s.serial_norm, s.imei, s.list_price_fen, s.discount_fen, s.trade_in_fen,
       s.consumption_fen, s.tender_fen, s.discount_count::integer AS discount_count,
       s.price_fen, s.subsidy_fen, s.to_pay_fen, s.policy_amount_fen, s.filed_price_fen,
       v.worth_fen AS right_worth_fen, v.issued_epoch AS right_issued_epoch,
       s.region_path, s.sold_epoch, s.sold_on,
       CAST(floor(extract(epoch FROM s.recorded_at)) AS bigint) AS recorded_epoch,
       r.returned_on, CAST(floor(extract(epoch FROM r.returned_at)) AS bigint) AS returned_epoch,
       r.sale_id IS NOT NULL AS is_returned
FROM claims_sale s
LEFT JOIN mart_vouchers_voucher v ON v.voucher_id = s.qualification_id
LEFT JOIN claims_salereturn r ON r.sale_id = s.id
