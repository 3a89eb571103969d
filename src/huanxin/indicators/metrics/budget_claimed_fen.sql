-- id: budget_claimed_fen
-- title: 已领
-- group: 补贴资金 2
-- unit: fen
-- aggregate: sum
-- grain: 一行一次占用或释放
-- direction: none
-- definition: 期内居民领取资格与核销所占用的补贴资金净额：占用按发生日计入，失效、作废、退货释放的按释放日减去；消费券的钱来自出资方，不在财政预算内，不计
-- source: 资金账本（ledger）
SELECT t.cause || ' ' || t.cause_id::text AS fact_no, a.region_path, t.made_on AS fact_on,
       t.at_epoch AS fact_epoch, ''::text AS category_code, t.amount_fen AS value
FROM mart_ledger_transfer t
JOIN mart_ledger_account a ON a.code = t.debit_code
JOIN mart_vouchers_pool p ON 'pool:' || p.pool_id::text = t.debit_code AND p.kind = 'qualification'
WHERE t.debit_code LIKE 'pool:%' AND t.credit_code NOT LIKE 'budget:%'
UNION ALL
SELECT t.cause || ' ' || t.cause_id::text, a.region_path, t.resolved_on, t.resolved_epoch, '',
       -t.amount_fen
FROM mart_ledger_transfer t
JOIN mart_ledger_account a ON a.code = t.debit_code
JOIN mart_vouchers_pool p ON 'pool:' || p.pool_id::text = t.debit_code AND p.kind = 'qualification'
WHERE t.debit_code LIKE 'pool:%' AND t.credit_code NOT LIKE 'budget:%' AND t.state = 'voided'
UNION ALL
SELECT t.cause || ' ' || t.cause_id::text, c.region_path, t.made_on, t.at_epoch, '', -t.amount_fen
FROM mart_ledger_transfer t
JOIN mart_ledger_account c ON c.code = t.credit_code
JOIN mart_vouchers_pool p ON 'pool:' || p.pool_id::text = t.credit_code AND p.kind = 'qualification'
WHERE t.state = 'posted' AND t.credit_code LIKE 'pool:%' AND t.debit_code NOT LIKE 'budget:%'
