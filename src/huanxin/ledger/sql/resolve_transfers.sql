-- title: Resolve pending transfers by rows of their own; one already resolved is left alone
INSERT INTO ledger_transfer
    (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen, pending_id, reason, made_at,
     made_on)
SELECT %(kind)s, p.cause, p.cause_id, p.leg, p.debit_id, p.credit_id, t.amount_fen, p.id,
       %(reason)s, %(at)s, %(on)s
FROM unnest(%(pending_ids)s::bigint[], %(amounts)s::bigint[]) AS t(pending_id, amount_fen)
JOIN ledger_transfer p ON p.id = t.pending_id
ON CONFLICT (pending_id) WHERE pending_id IS NOT NULL DO NOTHING
RETURNING id, pending_id
