-- title: Payment orders to merchants and what the bank said
SELECT o.id AS order_id, o.number, o.batch_id, b.programme, b.region_path, o.org_id,
       o.subsidy_fen + o.trade_in_fen + o.consumption_fen AS amount_fen, o.subsidy_fen, o.central_fen,
       o.province_fen, o.city_fen, o.trade_in_fen, o.consumption_fen, o.state, o.attempt::integer AS attempt,
       CAST(floor(extract(epoch FROM o.made_at)) AS bigint) AS at_epoch, o.made_on,
       CAST(floor(extract(epoch FROM o.answered_at)) AS bigint) AS answered_epoch, o.answered_on, o.prepaid_fen,
       o.clawed_fen
FROM settlement_paymentorder o
JOIN settlement_batch b ON b.id = o.batch_id
