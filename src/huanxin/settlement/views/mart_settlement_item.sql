-- title: Claims in batches, by fund; accepted once the bank has paid the order they are in
SELECT i.id AS item_id, i.claim_id, i.sale_id, i.batch_id, i.merchant_id, b.programme,
       b.region_path, i.state, i.subsidy_fen, i.central_fen, i.province_fen, i.city_fen,
       i.trade_in_fen, i.consumption_fen, i.paid_on, o.state AS order_state, o.answered_on,
       CAST(floor(extract(epoch FROM o.answered_at)) AS bigint) AS answered_epoch,
       i.state = 'paid' AND o.state = 'accepted' AS is_accepted,
       w.item_id IS NOT NULL AS is_clawed_back
FROM settlement_item i
JOIN settlement_batch b ON b.id = i.batch_id
LEFT JOIN settlement_paymentorder o ON o.id = i.order_id
LEFT JOIN settlement_clawback w ON w.item_id = i.id
