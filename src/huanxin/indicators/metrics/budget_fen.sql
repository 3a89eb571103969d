-- id: budget_fen
-- title: 预算
-- group: 补贴资金 1
-- unit: fen
-- aggregate: sum
-- grain: 一行一笔拨付
-- direction: none
-- definition: 期内下达到本地区的补贴资金：财政拨入预算的，加上上级预算切块到本地区发放批次的，减去切块给下级和交回的
-- source: 资金账本（ledger）
SELECT t.credit_code AS fact_no, c.region_path, t.made_on AS fact_on, t.at_epoch AS fact_epoch,
       ''::text AS category_code, t.amount_fen AS value
FROM mart_ledger_transfer t
JOIN mart_ledger_account d ON d.code = t.debit_code
JOIN mart_ledger_account c ON c.code = t.credit_code
WHERE t.state = 'posted' AND c.kind IN ('budget', 'pool')
  AND d.kind IN ('treasury', 'budget', 'pool')
UNION ALL
SELECT t.credit_code, d.region_path, t.made_on, t.at_epoch, '', -t.amount_fen
FROM mart_ledger_transfer t
JOIN mart_ledger_account d ON d.code = t.debit_code
JOIN mart_ledger_account c ON c.code = t.credit_code
WHERE t.state = 'posted' AND d.kind IN ('budget', 'pool')
  AND c.kind IN ('treasury', 'budget', 'pool')
