-- title: Posted money into and out of the named accounts, by the other account and the leg
WITH named AS (
    SELECT id FROM ledger_account WHERE code = ANY(%(codes)s::text[])
), moved AS (
    SELECT t.debit_id, t.credit_id, t.leg, t.amount_fen
    FROM named n JOIN ledger_transfer t ON t.debit_id = n.id
    WHERE t.kind = 'posted'
    UNION ALL
    SELECT t.debit_id, t.credit_id, t.leg, t.amount_fen
    FROM named n JOIN ledger_transfer t ON t.credit_id = n.id
    WHERE t.kind = 'posted' AND NOT EXISTS (SELECT 1 FROM named m WHERE m.id = t.debit_id)
)
SELECT d.code, c.code, m.leg, sum(m.amount_fen)::bigint
FROM moved m
JOIN ledger_account d ON d.id = m.debit_id
JOIN ledger_account c ON c.id = m.credit_id
GROUP BY d.code, c.code, m.leg
ORDER BY d.code, c.code, m.leg
