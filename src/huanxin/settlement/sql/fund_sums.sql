-- title: What settlement has paid out of each pool, by fund; money that came back is taken off
SELECT t.debit_code, sum(i.central_fen)::bigint, sum(i.province_fen)::bigint,
       sum(i.city_fen)::bigint
FROM settlement_item i
JOIN mart_ledger_transfer t ON t.cause = 'sale' AND t.cause_id = i.sale_id AND t.leg = 'subsidy'
WHERE i.state = 'paid' AND t.state = 'posted' AND t.debit_code = ANY(%(codes)s::text[])
  AND NOT EXISTS (
      SELECT 1 FROM settlement_clawback w WHERE w.item_id = i.id AND w.received_at IS NOT NULL)
GROUP BY t.debit_code
