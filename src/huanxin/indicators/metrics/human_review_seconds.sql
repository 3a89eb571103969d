-- id: human_review_seconds
-- title: 人工复核用时
-- group: 审核风控 2
-- unit: seconds
-- aggregate: lower_median
-- grain: 一行一笔转人工的申请
-- direction: down
-- target: 259200
-- target_source: 本平台承诺：人工复核不超过三天
-- definition: 从机器转人工到审核员作出决定的时间，取中位数（偶数笔时取较小的一个），按决定日统计
-- source: 补贴申请（claims）
SELECT number AS fact_no, region_path, reviewed_on AS fact_on, reviewed_epoch AS fact_epoch,
       category_code, reviewed_epoch - decided_epoch AS value
FROM mart_claims_claim
WHERE decided_epoch IS NOT NULL AND reviewed_epoch >= decided_epoch
