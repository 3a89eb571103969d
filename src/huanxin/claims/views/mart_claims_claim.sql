-- title: Claims with the sale they are for and how far they have come
SELECT c.id AS claim_id, s.id AS sale_id, s.number COLLATE "C" AS number, s.programme,
       s.version_hash, s.category_code, s.energy_grade::integer AS energy_grade, s.merchant_id, s.till_id,
       s.channel, s.person_id, s.person_pseudonym, s.qualification_id, s.model_id, s.gtin,
       s.manufacturer, s.serial_norm,
       left(s.serial_norm, 2) || length(s.serial_norm) AS serial_form, s.imei, s.old_unit_order_no,
       s.list_price_fen, s.discount_fen, s.trade_in_fen,
       s.consumption_fen, s.tender_fen, s.discount_count::integer AS discount_count,
       c.price_fen, c.subsidy_fen, c.to_pay_fen, s.price_fen - c.price_fen AS reduced_fen,
       s.policy_amount_fen, s.filed_price_fen,
       s.right_limit::integer AS right_limit, v.worth_fen AS right_worth_fen,
       v.issued_epoch AS right_issued_epoch, s.region_path, s.sold_epoch, s.sold_on,
       CAST(floor(extract(epoch FROM s.recorded_at)) AS bigint) AS recorded_epoch,
       CAST(floor(extract(epoch FROM c.submitted_at)) AS bigint) AS submitted_epoch,
       (c.submitted_at AT TIME ZONE 'Asia/Shanghai')::date AS submitted_on,
       CAST(floor(extract(epoch FROM c.decided_at)) AS bigint) AS decided_epoch,
       (c.decided_at AT TIME ZONE 'Asia/Shanghai')::date AS decided_on,
       CAST(floor(extract(epoch FROM c.reviewed_at)) AS bigint) AS reviewed_epoch,
       (c.reviewed_at AT TIME ZONE 'Asia/Shanghai')::date AS reviewed_on,
       CAST(floor(extract(epoch FROM c.released_at)) AS bigint) AS released_epoch,
       c.verify_status, c.audit_status, c.is_returned,
       c.released_at IS NOT NULL AS is_released, c.closed_at IS NOT NULL AS is_closed,
       NOT c.is_returned AND (c.audit_status = 'passed'
           OR (c.audit_status = 'none' AND c.verify_status = 'passed'))
           AND c.id NOT IN (SELECT x.claim_id FROM claims_stoppedclaim x
                            JOIN claims_stop y ON y.id = x.stop_id WHERE y.closed_at IS NULL)
           AND s.merchant_id::text NOT IN (SELECT y.subject FROM claims_stop y
                                           WHERE y.kind = 'shop' AND y.closed_at IS NULL)
           AS is_cleared,
       c.wanted LIKE '%invoice%' AS wants_invoice, c.wanted LIKE '%label%' AS wants_label,
       c.wanted LIKE '%delivery%' AS wants_delivery,
       c.wanted LIKE '%activation%' AS wants_activation,
       c.risk_score::integer AS risk_score, c.mend_count::integer AS mend_count, c.device_key, c.case_kind, c.needs_second,
       CAST(floor(extract(epoch FROM c.asked_at)) AS bigint) AS asked_epoch,
       CAST(floor(extract(epoch FROM c.due_at)) AS bigint) AS due_epoch
FROM claims_claim c
JOIN claims_sale s ON s.id = c.sale_id
LEFT JOIN mart_vouchers_voucher v ON v.voucher_id = s.qualification_id
