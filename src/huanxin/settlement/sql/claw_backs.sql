-- title: Sales whose paid money must come back or came back, one row a sale and state
SELECT w.item_id, w.claim_id, w.sale_id, w.merchant_id, o.name, i.batch_id, b.number,
       sum(w.subsidy_fen + w.trade_in_fen + w.consumption_fen)::bigint AS amount_fen,
       bool_and(w.step > 0) AS is_part, min(w.started_on) AS started_on,
       max(w.received_on) AS received_on, max(coalesce(c.bank_reference, p.bank_reference)) AS said,
       max(coalesce(oc.number, op.number, '')) AS offset_number
FROM mart_settlement_claw_back w
JOIN settlement_item i ON i.id = w.item_id
JOIN settlement_batch b ON b.id = i.batch_id
JOIN mart_identity_organisation o ON o.org_id = w.merchant_id
LEFT JOIN settlement_clawback c ON c.item_id = w.item_id AND w.step = 0
LEFT JOIN settlement_partclawback p ON p.item_id = w.item_id AND p.step = w.step
LEFT JOIN settlement_paymentorder oc ON oc.id = c.offset_order_id
LEFT JOIN settlement_paymentorder op ON op.id = p.offset_order_id
WHERE w.is_received = %(is_received)s
  AND (%(path)s = '' OR b.region_path = %(path)s OR b.region_path LIKE %(below)s)
  AND (%(org_id)s::uuid IS NULL OR w.merchant_id = %(org_id)s::uuid)
GROUP BY w.item_id, w.claim_id, w.sale_id, w.merchant_id, o.name, i.batch_id, b.number
ORDER BY max(w.received_on) DESC NULLS FIRST, min(w.started_on), w.item_id
LIMIT %(limit)s OFFSET %(offset)s
