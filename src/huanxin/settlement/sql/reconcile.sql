-- title: The same sums from settlement's records and from the ledger, up to and including a day
SELECT '已入账的补贴' AS name,
       (SELECT coalesce(sum(i.subsidy_fen), 0)::bigint FROM settlement_item i
        WHERE i.paid_on <= %(on)s) AS records_fen,
       (SELECT coalesce(sum(t.amount_fen), 0)::bigint FROM mart_ledger_transfer t
        WHERE t.cause = 'sale' AND split_part(t.leg, '.', 1) = 'subsidy' AND t.state = 'posted'
          AND t.resolved_on <= %(on)s) AS ledger_fen
UNION ALL
SELECT '已入账的焕新券',
       (SELECT coalesce(sum(i.trade_in_fen), 0)::bigint FROM settlement_item i
        WHERE i.paid_on <= %(on)s),
       (SELECT coalesce(sum(t.amount_fen), 0)::bigint FROM mart_ledger_transfer t
        WHERE t.cause = 'sale' AND t.leg = 'trade_in' AND t.state = 'posted'
          AND t.resolved_on <= %(on)s)
UNION ALL
SELECT '已入账的消费券',
       (SELECT coalesce(sum(i.consumption_fen), 0)::bigint FROM settlement_item i
        WHERE i.paid_on <= %(on)s),
       (SELECT coalesce(sum(t.amount_fen), 0)::bigint FROM mart_ledger_transfer t
        WHERE t.cause = 'sale' AND starts_with(t.leg, 'discount') AND t.state = 'posted'
          AND t.resolved_on <= %(on)s)
UNION ALL
SELECT f.name,
       (SELECT coalesce(sum(CASE f.fund WHEN 'central' THEN o.central_fen
                                        WHEN 'province' THEN o.province_fen
                                        WHEN 'city' THEN o.city_fen
                                        WHEN 'consumption' THEN o.consumption_fen
                                        ELSE o.trade_in_fen END), 0)::bigint
        FROM settlement_paymentorder o
        WHERE o.state = 'accepted' AND o.answered_on <= %(on)s),
       (SELECT coalesce(sum(t.amount_fen), 0)::bigint FROM mart_ledger_transfer t
        WHERE t.cause = 'settlement.payment' AND t.leg = f.fund AND t.made_on <= %(on)s)
FROM (VALUES ('银行已付：中央资金', 'central'), ('银行已付：省级资金', 'province'),
             ('银行已付：市级资金', 'city'), ('银行已付：焕新券', 'trade_in'),
             ('银行已付：消费券', 'consumption')) AS f (name, fund)
UNION ALL
SELECT '已收回的追缴款',
       (SELECT coalesce(sum(w.subsidy_fen + w.trade_in_fen + w.consumption_fen), 0)::bigint
        FROM mart_settlement_claw_back w WHERE w.received_on <= %(on)s),
       (SELECT coalesce(sum(t.amount_fen), 0)::bigint FROM mart_ledger_transfer t
        WHERE t.cause = 'settlement.claw_back' AND t.state = 'posted' AND t.resolved_on <= %(on)s)
UNION ALL
SELECT '预付未抵扣',
       (SELECT coalesce(sum(p.amount_fen), 0)::bigint FROM settlement_prepayment p
        WHERE p.state = 'accepted' AND p.answered_on <= %(on)s)
       - (SELECT coalesce(sum(o.prepaid_fen), 0)::bigint FROM settlement_paymentorder o
          WHERE o.state = 'accepted' AND o.answered_on <= %(on)s)
       - (SELECT coalesce(sum(k.amount_fen), 0)::bigint FROM settlement_prepaidback k
          WHERE k.received_on <= %(on)s),
       (SELECT coalesce(sum(CASE WHEN starts_with(t.debit_code, 'prepaid:') THEN t.amount_fen
                                 ELSE -t.amount_fen END), 0)::bigint
        FROM mart_ledger_transfer t
        WHERE t.cause IN ('settlement.prepayment', 'settlement.offset', 'settlement.prepaid_back')
          AND t.state = 'posted' AND coalesce(t.resolved_on, t.made_on) <= %(on)s)
