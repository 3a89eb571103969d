-- title: The pending transfers of several causes that nothing has resolved
SELECT t.cause_id, t.leg
FROM unnest(%(cause_ids)s::uuid[]) AS k(cause_id)
CROSS JOIN LATERAL (
    SELECT x.id, x.cause_id, x.leg FROM ledger_transfer x
    WHERE x.cause = %(cause)s AND x.cause_id = k.cause_id AND x.kind = 'pending'
      AND x.pending_id IS NULL
    OFFSET 0  -- keeps the planner on the index in a table it has no statistics of
) t
WHERE NOT EXISTS (SELECT 1 FROM ledger_transfer r WHERE r.pending_id = t.id)
ORDER BY t.cause_id, t.leg
