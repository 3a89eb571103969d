-- title: Paid money that must come back, and whether it has
SELECT w.item_id, i.claim_id, i.sale_id, i.merchant_id, b.programme, b.region_path,
       i.subsidy_fen, i.trade_in_fen, i.consumption_fen, w.started_on, w.received_on,
       w.received_at IS NOT NULL AS is_received
FROM settlement_clawback w
JOIN settlement_item i ON i.id = w.item_id
JOIN settlement_batch b ON b.id = i.batch_id
