-- id: fraud_held_fen
-- title: 风险拦截
-- group: 审核风控 3
-- unit: fen
-- aggregate: sum
-- grain: 一行一笔申请
-- direction: none
-- definition: 期内机器审核发现疑点而暂扣、或不予支付的补贴金额；人工复核后放行的不再计入，按机器结论日统计
-- source: 补贴申请（claims）
SELECT number AS fact_no, region_path, decided_on AS fact_on, decided_epoch AS fact_epoch,
       category_code, subsidy_fen AS value
FROM mart_claims_claim
WHERE NOT is_returned AND verify_status IN ('held', 'refused') AND audit_status <> 'passed'
