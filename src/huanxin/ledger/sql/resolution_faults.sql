-- title: Resolutions that do not fit the pending transfer they name
SELECT r.id
FROM ledger_transfer r
JOIN ledger_transfer p ON p.id = r.pending_id
WHERE p.kind <> 'pending'
   OR r.debit_id <> p.debit_id
   OR r.credit_id <> p.credit_id
   OR r.amount_fen > p.amount_fen
   OR (r.kind = 'void_pending' AND r.amount_fen <> p.amount_fen)
ORDER BY r.id
