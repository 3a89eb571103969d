-- title: Write the transfers of a batch whose keys are new; a key that exists is left alone
INSERT INTO ledger_transfer
    (kind, cause, cause_id, leg, debit_id, credit_id, amount_fen, expires_at, reason,
     made_at, made_on)
SELECT %(kind)s, t.cause, t.cause_id, t.leg, t.debit_id, t.credit_id, t.amount_fen,
       t.expires_at, '', %(at)s, %(on)s
FROM json_to_recordset(%(rows)s::json) AS t(
    cause text, cause_id uuid, leg text, debit_id bigint, credit_id bigint, amount_fen bigint,
    expires_at timestamptz)
ON CONFLICT (cause, cause_id, leg) WHERE pending_id IS NULL DO NOTHING
RETURNING id, cause, cause_id, leg
