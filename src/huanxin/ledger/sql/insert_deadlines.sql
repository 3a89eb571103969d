-- title: Note which holds of a batch have an end
INSERT INTO ledger_deadline (transfer_id, expires_at)
SELECT id, expires_at FROM ledger_transfer
WHERE id = ANY(%(ids)s::bigint[]) AND expires_at IS NOT NULL
