-- id: batches
-- title: 结算批次
-- permission: settlement.read
-- columns: number 批次号, programme 政策, state 状态, opened_on 组批日, published_on 公示日, paid_on 支付日
SELECT batch_id AS key, number, programme, state, opened_on, published_on, paid_on,
       region_path, NULL::uuid AS org_id, NULL::uuid AS other_org_id
FROM mart_settlement_batch
