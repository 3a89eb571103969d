-- id: touched
-- title: Days whose numbers the subjects of a stretch of the feed may have changed, by room
WITH claim AS (
    SELECT c.claim_id, c.sale_id, c.sold_on, c.decided_on, c.reviewed_on
    FROM mart_claims_claim c WHERE c.claim_id = ANY(%(claim)s::uuid[])
    UNION
    SELECT c.claim_id, c.sale_id, c.sold_on, c.decided_on, c.reviewed_on
    FROM mart_claims_claim c WHERE c.sale_id = ANY(%(sale)s::uuid[])
),
recycling_order AS (
    SELECT o.order_id FROM mart_recycling_order o
    WHERE o.order_id = ANY(%(recycling_order)s::uuid[])
    UNION
    SELECT u.order_id FROM mart_recycling_unit u WHERE u.unit_code = ANY(%(unit)s::text[])
    UNION
    SELECT u.order_id FROM mart_recycling_unit u WHERE u.lot_id = ANY(%(lot)s::uuid[])
    UNION
    SELECT u.order_id FROM mart_recycling_unit u WHERE u.run_id = ANY(%(run)s::uuid[])
),
voucher AS (
    SELECT v.issued_on, v.redeemed_sale_id FROM mart_vouchers_voucher v
    WHERE v.voucher_id = ANY(%(voucher)s::uuid[])
),
item AS (
    SELECT i.item_id, i.claim_id, i.sale_id, i.answered_on FROM mart_settlement_item i
    WHERE i.batch_id = ANY(%(batch)s::uuid[])
    UNION
    SELECT i.item_id, i.claim_id, i.sale_id, i.answered_on FROM mart_settlement_item i
    JOIN mart_settlement_payment p ON p.batch_id = i.batch_id
    WHERE p.order_id = ANY(%(payment_order)s::uuid[])
)
SELECT 'claims' AS room, sold_on AS fact_on FROM claim
UNION SELECT 'claims', decided_on FROM claim
UNION SELECT 'claims', reviewed_on FROM claim
UNION SELECT 'recycling', o.booked_on
    FROM mart_recycling_order o JOIN recycling_order t ON t.order_id = o.order_id
UNION SELECT 'recycling', o.collected_on
    FROM mart_recycling_order o JOIN recycling_order t ON t.order_id = o.order_id
UNION SELECT 'recycling', o.slot_on
    FROM mart_recycling_order o JOIN recycling_order t ON t.order_id = o.order_id
UNION SELECT 'recycling', s.route_on
    FROM mart_recycling_stop s JOIN recycling_order t ON t.order_id = s.order_id
UNION SELECT 'recycling', r.dismantled_on
    FROM mart_recycling_unit u JOIN recycling_order t ON t.order_id = u.order_id
    JOIN mart_recycling_run r ON r.run_id = u.run_id
UNION SELECT 'vouchers', issued_on FROM voucher
UNION SELECT 'vouchers', s.sold_on
    FROM voucher v JOIN mart_claims_sale s ON s.sale_id = v.redeemed_sale_id
UNION SELECT 'settlement', answered_on FROM item
UNION SELECT 'settlement', s.sold_on FROM item i JOIN mart_claims_sale s ON s.sale_id = i.sale_id
UNION SELECT 'settlement', w.received_on
    FROM item i JOIN mart_settlement_claw_back w ON w.item_id = i.item_id
