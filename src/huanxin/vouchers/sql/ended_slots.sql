-- title: Slots of plans that have ended with money left, and the slot that takes it if the plan carries it on
SELECT p.id, CASE WHEN plan.carries_rest THEN (
    SELECT n.id FROM vouchers_pool n
    WHERE n.plan_id = p.plan_id AND n.region_code = p.region_code AND n.closes_at > %(at)s
    ORDER BY n.opens_at, n.id LIMIT 1
) END AS next_id
FROM vouchers_pool p
JOIN vouchers_releaseplan plan ON plan.id = p.plan_id
JOIN mart_ledger_account a ON a.code = 'pool:' || p.id
WHERE p.closes_at <= %(at)s AND a.available_fen > 0
ORDER BY p.closes_at, p.id
LIMIT %(limit)s
