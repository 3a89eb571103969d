-- title: Write the transfers of a batch whose keys are new; a key that exists is left alone
INSERT INTO ledger_transfer
    (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen, reason, made_at, made_on)
SELECT %(kind)s, cause, cause_id, leg, debit_id, credit_id, amount_fen, '', %(at)s, %(on)s
FROM unnest(%(causes)s::text[], %(cause_ids)s::uuid[], %(legs)s::text[], %(debit_ids)s::bigint[],
            %(credit_ids)s::bigint[], %(amounts)s::bigint[])
     AS t(cause, cause_id, leg, debit_id, credit_id, amount_fen)
ON CONFLICT (cause, cause_id, leg) WHERE pending_id IS NULL DO NOTHING
RETURNING id, cause, cause_id, leg
