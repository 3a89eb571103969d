-- id: payments
-- title: 支付单
-- permission: settlement.read
-- columns: number 支付单号, programme 政策, amount_fen 金额, subsidy_fen 补贴, trade_in_fen 焕新券, consumption_fen 消费券, state 状态, made_on 出单日, answered_on 回执日
SELECT order_id AS key, number, programme, amount_fen, subsidy_fen, trade_in_fen, consumption_fen, state,
       made_on, answered_on,
       region_path, org_id, NULL::uuid AS other_org_id
FROM mart_settlement_payment
