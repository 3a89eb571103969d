-- title: Orders that do not fit the bank's answers or the ledger, on a day
WITH booked AS (
    SELECT t.cause_id, sum(t.amount_fen)::bigint AS fen
    FROM mart_ledger_transfer t
    WHERE t.cause = 'settlement.payment' AND t.state = 'posted'
    GROUP BY t.cause_id
)
SELECT CASE WHEN o.state = 'sent' THEN 'no_answer' ELSE 'no_result' END AS kind, o.number,
       o.org_id, b.region_path,
       o.subsidy_fen + o.trade_in_fen + o.consumption_fen - o.prepaid_fen - o.clawed_fen AS fen
FROM settlement_paymentorder o
JOIN settlement_batch b ON b.id = o.batch_id
WHERE (o.state = 'sent' AND o.made_on <= %(silent_since)s)
   OR (o.state = 'unknown' AND o.answered_on <= %(silent_since)s)
UNION ALL
SELECT CASE WHEN p.state = 'sent' THEN 'no_answer' ELSE 'no_result' END, p.number, p.org_id,
       t.region_path, p.amount_fen
FROM settlement_prepayment p
JOIN settlement_prepaymentterms t ON t.id = p.terms_id
WHERE (p.state = 'sent' AND p.paid_on <= %(silent_since)s)
   OR (p.state = 'unknown' AND p.answered_on <= %(silent_since)s)
UNION ALL
SELECT 'ledger', o.number, o.org_id, b.region_path,
       CASE WHEN o.state = 'accepted' THEN o.subsidy_fen + o.trade_in_fen + o.consumption_fen
            ELSE 0 END - coalesce(k.fen, 0)
FROM settlement_paymentorder o
JOIN settlement_batch b ON b.id = o.batch_id
LEFT JOIN booked k ON k.cause_id = o.id
WHERE CASE WHEN o.state = 'accepted' THEN o.subsidy_fen + o.trade_in_fen + o.consumption_fen
           ELSE 0 END <> coalesce(k.fen, 0)
ORDER BY 1, 2
