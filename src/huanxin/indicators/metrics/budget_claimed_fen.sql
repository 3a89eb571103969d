-- id: budget_claimed_fen
-- title: 已领
-- group: 补贴资金 2
-- unit: fen
-- aggregate: sum
-- grain: 一行一次占用或释放
-- direction: none
-- definition: 期内居民领取资格与核销所占用的补贴资金净额：占用按发生日计入，失效、作废、退货释放的按释放日减去
-- source: 资金账本（ledger）
SELECT t.cause || ' ' || t.cause_id::text AS fact_no, a.region_path,
       CASE WHEN side.is_release = 0 THEN t.made_on ELSE t.resolved_on END AS fact_on,
       CASE WHEN side.is_release = 0 THEN t.at_epoch ELSE t.resolved_epoch END AS fact_epoch,
       ''::text AS category_code,
       CASE WHEN side.is_release = 0 THEN t.amount_fen ELSE -t.amount_fen END AS value
FROM mart_ledger_transfer t
JOIN mart_ledger_account a ON a.code = t.debit_code
CROSS JOIN (SELECT 0 AS is_release UNION ALL SELECT 1) AS side
WHERE t.debit_code LIKE 'pool:%' AND t.credit_code NOT LIKE 'budget:%'
  AND (side.is_release = 0 OR t.state = 'voided')
UNION ALL
SELECT t.cause || ' ' || t.cause_id::text, c.region_path, t.made_on, t.at_epoch, '', -t.amount_fen
FROM mart_ledger_transfer t
JOIN mart_ledger_account c ON c.code = t.credit_code
WHERE t.state = 'posted' AND t.credit_code LIKE 'pool:%' AND t.debit_code NOT LIKE 'budget:%'
