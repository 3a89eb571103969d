-- id: fraud_refused_fen
-- title: 不予支付
-- group: 审核风控 4
-- unit: fen
-- aggregate: sum
-- grain: 一行一笔申请
-- direction: none
-- definition: 风险拦截中，机器拒绝且未经人工改判、或人工复核后拒绝的补贴金额，按机器结论日统计
-- source: 补贴申请（claims）
SELECT number AS fact_no, region_path, decided_on AS fact_on, decided_epoch AS fact_epoch,
       category_code, subsidy_fen AS value
FROM mart_claims_claim
WHERE NOT is_returned
  AND (audit_status = 'refused' OR (verify_status = 'refused' AND audit_status = 'none'))
