-- title: The transfers stored under the given keys, with the resolution of a pending one
SELECT t.id, t.cause, t.cause_id, t.leg, t.kind, d.code AS debit, c.code AS credit, t.debit_id,
       t.credit_id, t.amount_fen, t.expires_at, r.id AS resolution_id, r.kind AS resolution,
       r.amount_fen AS resolved_fen
FROM json_to_recordset(%(keys)s::json) AS k(cause text, cause_id uuid, leg text)
CROSS JOIN LATERAL (
    SELECT x.* FROM ledger_transfer x
    WHERE x.cause = k.cause AND x.cause_id = k.cause_id AND x.leg = k.leg AND x.pending_id IS NULL
    OFFSET 0  -- keeps the planner on the index in a table it has no statistics of
) t
JOIN ledger_account d ON d.id = t.debit_id
JOIN ledger_account c ON c.id = t.credit_id
LEFT JOIN LATERAL (
    SELECT y.* FROM ledger_transfer y WHERE y.pending_id = t.id OFFSET 0
) r ON true
ORDER BY t.id
