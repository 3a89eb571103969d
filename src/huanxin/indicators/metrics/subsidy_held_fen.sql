-- id: subsidy_held_fen
-- title: 已核销待支付
-- group: 补贴资金 5
-- unit: fen
-- aggregate: sum
-- grain: 一行一笔销售
-- direction: down
-- definition: 期内售出、已在收银台抵减、银行尚未确认付给商家的补贴；资金占用在账本中，按售出日统计
-- source: 收银台销售记录（claims）与清算批次（settlement）
SELECT c.number AS fact_no, c.region_path, c.sold_on AS fact_on, c.sold_epoch AS fact_epoch,
       c.category_code, c.subsidy_fen AS value
FROM mart_claims_claim c
WHERE NOT c.is_returned AND NOT c.is_closed
  AND NOT EXISTS (
      SELECT 1 FROM mart_settlement_item i WHERE i.claim_id = c.claim_id AND i.is_accepted
  )
