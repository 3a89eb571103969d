-- title: Resolutions that do not fit the pending transfer they name
SELECT r.id
FROM ledger_transfer r
JOIN ledger_transfer p ON p.id = r.pending_id
WHERE p.kind <> 'pending'
   OR r.debit_id <> p.debit_id
   OR r.credit_id <> p.credit_id
   OR r.amount_fen > p.amount_fen
   OR (r.kind IN ('void_pending', 'expired') AND r.amount_fen <> p.amount_fen)
   OR (r.kind = 'expired' AND (p.expires_at IS NULL OR r.made_at < p.expires_at))
   OR (r.kind = 'post_pending' AND r.made_at >= p.expires_at)
ORDER BY r.id
