-- id: review_seconds
-- title: 机器审核用时
-- group: 审核风控 1
-- unit: seconds
-- aggregate: lower_median
-- grain: 一行一笔补贴申请
-- direction: down
-- target: 60
-- target_source: 本平台承诺：资料齐全后一分钟内给出机审结论
-- definition: 从商家交齐资料到机器给出结论的时间，取中位数（偶数笔时取较小的一个），按结论日统计
-- source: 补贴申请（claims）
SELECT number AS fact_no, region_path, decided_on AS fact_on, decided_epoch AS fact_epoch,
       category_code, decided_epoch - submitted_epoch AS value
FROM mart_claims_claim
WHERE submitted_epoch IS NOT NULL AND decided_epoch >= submitted_epoch
