-- title: The canonical claim record of one claim: the fields public platforms exchange, by our names
SELECT o.uscc AS organisation_code, o.name AS shop_name, s.outlet_code, s.till_id AS store,
       s.number AS platform_order_no, s.merchant_order_no, c.submitted_at AS uploaded_at,
       s.category_code AS category, s.energy_grade AS efficiency_grade, s.manufacturer AS brand,
       m.name AS model, s.channel, s.platform_name AS ecommerce_party, s.pay_type,
       s.old_unit_order_no, s.old_unit_order_no <> '' AS has_old_unit, s.old_unit_price_fen,
       s.list_price_fen AS order_amount_fen, s.to_pay_fen AS paid_amount_fen, s.sold_at AS traded_at,
       s.discount_fen AS merchant_discount_fen, s.trade_in_fen, s.consumption_fen + s.tender_fen
       AS consumption_fen, s.subsidy_fen, s.gtin AS code_69, s.serial AS sn, s.imei AS imei1, s.imei2,
       m.efficiency_record_no, m.efficiency_standard,
       r.invoice_code, r.invoice_number, r.invoiced_on AS invoice_on, r.invoice_link, r.invoice_type,
       r.invoice_check_code, r.buyer_pseudonym AS invoice_buyer, r.invoice_total_fen,
       r.invoice_tax_fen, r.seller_name AS invoice_seller, r.seller_uscc AS invoice_seller_tax_no,
       r.goods_count AS invoice_quantity, r.goods_name AS invoice_goods,
       r.waybill, r.carrier, r.address_region_code AS delivery_region_code,
       r.address_key AS delivery_address, r.pickup_mode, r.ship_from_region_code, r.shipped_at,
       r.signed_at, r.receiver_pseudonym AS receiver,
       r.label_lat_e6, r.label_lon_e6, r.serial_read, r.activated_at,
       (SELECT count(*) FROM claims_evidence e WHERE e.sale_id = s.id AND e.kind = 'old_unit')
           AS old_unit_photos,
       (SELECT count(*) FROM claims_evidence e WHERE e.sale_id = s.id AND e.kind = 'activation')
           AS box_photos,
       (SELECT count(*) FROM claims_evidence e WHERE e.sale_id = s.id) AS papers,
       (SELECT count(*) FROM claims_evidence e WHERE e.sale_id = s.id AND e.upload_id IS NOT NULL)
           AS bulk_papers,
       c.verify_status, c.audit_status, c.is_returned,
       x.returned_at AS refunded_at, CASE WHEN c.is_returned THEN s.to_pay_fen
                                          ELSE s.to_pay_fen - c.to_pay_fen END AS refund_fen
FROM claims_claim c
JOIN claims_sale s ON s.id = c.sale_id
JOIN mart_identity_organisation o ON o.org_id = s.merchant_id
JOIN mart_catalogue_model m ON m.model_id = s.model_id
LEFT JOIN claims_reading r ON r.sale_id = s.id
LEFT JOIN claims_salereturn x ON x.sale_id = s.id
WHERE c.id = %(id)s
