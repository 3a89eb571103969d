-- title: The holds whose end has come, the longest due first
SELECT t.cause, t.cause_id, t.leg
FROM ledger_deadline d
JOIN ledger_transfer t ON t.id = d.transfer_id
WHERE d.expires_at <= %(at)s
ORDER BY d.expires_at, d.transfer_id
LIMIT %(limit)s
