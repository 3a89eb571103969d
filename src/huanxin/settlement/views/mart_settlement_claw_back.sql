-- title: Paid money that must come back, and whether it has; step 0 is goods that returned whole
SELECT w.item_id, 0 AS step, i.claim_id, i.sale_id, i.merchant_id, b.programme, b.region_path,
       i.subsidy_fen - coalesce((SELECT sum(p.subsidy_fen) FROM settlement_partclawback p
                                 WHERE p.item_id = i.id), 0)::bigint AS subsidy_fen,
       i.trade_in_fen, i.consumption_fen, w.started_on, w.received_on,
       w.received_at IS NOT NULL AS is_received
FROM settlement_clawback w
JOIN settlement_item i ON i.id = w.item_id
JOIN settlement_batch b ON b.id = i.batch_id
UNION ALL
SELECT p.item_id, p.step::integer, i.claim_id, i.sale_id, i.merchant_id, b.programme,
       b.region_path, p.subsidy_fen, 0, 0, p.started_on, p.received_on,
       p.received_at IS NOT NULL
FROM settlement_partclawback p
JOIN settlement_item i ON i.id = p.item_id
JOIN settlement_batch b ON b.id = i.batch_id
