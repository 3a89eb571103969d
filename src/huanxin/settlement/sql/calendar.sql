-- title: What a shop's money does on each day: waiting, published, ordered, arrived, owed back
SELECT 'passed' AS kind, NULL::date AS on_day, count(*), coalesce(sum(c.subsidy_fen + c.trade_in_fen
       + c.consumption_fen + c.tender_fen), 0)::bigint, '' AS number
FROM mart_claims_claim c
WHERE c.merchant_id = %(org_id)s AND c.is_cleared AND NOT c.is_released
  AND NOT EXISTS (SELECT 1 FROM settlement_item i
                  WHERE i.claim_id = c.claim_id AND i.state IN ('taken', 'paid'))
HAVING count(*) > 0
UNION ALL
SELECT CASE WHEN b.state = 'open' THEN 'batched' ELSE 'published' END,
       CASE WHEN b.state = 'open' THEN NULL ELSE b.objections_until + 1 END, count(*),
       sum(i.subsidy_fen + i.trade_in_fen + i.consumption_fen)::bigint, b.number
FROM settlement_item i
JOIN settlement_batch b ON b.id = i.batch_id
WHERE i.merchant_id = %(org_id)s AND i.state = 'taken'
GROUP BY b.state, b.objections_until, b.number
UNION ALL
SELECT CASE WHEN o.state = 'accepted' THEN 'arrived' WHEN o.state = 'refused' THEN 'refused'
            ELSE 'ordered' END,
       coalesce(o.answered_on, o.made_on), 1,
       o.subsidy_fen + o.trade_in_fen + o.consumption_fen - o.prepaid_fen - o.clawed_fen, o.number
FROM settlement_paymentorder o
WHERE o.org_id = %(org_id)s AND o.state <> 'replaced' AND o.made_on >= %(since)s
UNION ALL
SELECT 'ahead', p.paid_on, 1, p.amount_fen, p.number
FROM settlement_prepayment p
WHERE p.org_id = %(org_id)s AND p.state IN ('sent', 'accepted') AND p.paid_on >= %(since)s
UNION ALL
SELECT 'owed_back', w.started_on, count(*),
       sum(w.subsidy_fen + w.trade_in_fen + w.consumption_fen)::bigint, ''
FROM mart_settlement_claw_back w
WHERE w.merchant_id = %(org_id)s AND NOT w.is_received
GROUP BY w.started_on
ORDER BY 2 NULLS LAST, 1
