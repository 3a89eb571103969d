-- id: people_converted
-- title: 交旧又买新人数
-- group: 换新消费 4
-- unit: people
-- aggregate: distinct
-- grain: 一行一张回收订单，按人去重
-- direction: up
-- definition: 期内有旧机被收走、并在同一期间买到补贴新品的人数；先买后交、先交后买都计，已退货和最终不予补贴的购买不计
-- source: 回收订单（recycling）与收银台销售记录（claims）
SELECT o.number AS fact_no, o.region_path, o.collected_on AS fact_on,
       o.collected_epoch AS fact_epoch, ''::text AS category_code, 1::bigint AS value,
       o.person_id::text AS fact_key
FROM mart_recycling_order o
WHERE o.collected_on IS NOT NULL
  AND o.person_id IN (
      SELECT c.person_id
      FROM mart_claims_claim c
      CROSS JOIN metric_window w
      WHERE NOT c.is_returned AND NOT c.is_closed AND c.sold_on BETWEEN w.from_on AND w.to_on
  )
