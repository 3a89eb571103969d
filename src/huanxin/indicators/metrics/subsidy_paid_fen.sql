-- id: subsidy_paid_fen
-- title: 已支付补贴
-- group: 补贴资金 6
-- unit: fen
-- aggregate: sum
-- grain: 一行一笔到账或追回
-- direction: up
-- definition: 期内银行确认付到商家账户的补贴，减去期内已经追回的，按到账日、追回日统计
-- source: 清算批次与付款指令（settlement）
SELECT c.number AS fact_no, c.region_path, i.answered_on AS fact_on,
       i.answered_epoch AS fact_epoch, c.category_code, i.subsidy_fen AS value
FROM mart_settlement_item i
JOIN mart_claims_claim c ON c.claim_id = i.claim_id
WHERE i.is_accepted
UNION ALL
SELECT c.number, c.region_path, w.received_on, NULL, c.category_code, -w.subsidy_fen
FROM mart_settlement_claw_back w
JOIN mart_claims_claim c ON c.claim_id = w.claim_id
WHERE w.is_received
