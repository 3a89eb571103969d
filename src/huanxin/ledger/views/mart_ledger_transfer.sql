-- title: Transfers as they stand: posted, pending or voided (expired too); amount is what was posted or is held
SELECT t.id, t.cause, t.cause_id, t.leg, d.code AS debit_code, c.code AS credit_code,
       CASE WHEN r.kind = 'post_pending' THEN r.amount_fen ELSE t.amount_fen END AS amount_fen,
       CASE WHEN t.kind = 'posted' OR r.kind = 'post_pending' THEN 'posted'
            WHEN r.kind IN ('void_pending', 'expired') THEN 'voided'
            ELSE 'pending' END AS state,
       CAST(floor(extract(epoch FROM t.made_at)) AS bigint) AS at_epoch,
       t.made_on,
       CAST(floor(extract(epoch FROM r.made_at)) AS bigint) AS resolved_epoch,
       r.made_on AS resolved_on
FROM ledger_transfer t
JOIN ledger_account d ON d.id = t.debit_id
JOIN ledger_account c ON c.id = t.credit_id
LEFT JOIN ledger_transfer r ON r.pending_id = t.id
WHERE t.pending_id IS NULL
