-- title: Every transfer as each of its two accounts sees it: what it moved in pending and in posted
SELECT t.debit_id AS account_id, t.credit_id AS counter_id, true AS is_debit, t.id AS transfer_id,
       t.made_at, t.kind, t.cause, t.cause_id, t.leg, t.amount_fen, t.reason, t.expires_at,
       CASE WHEN t.kind = 'pending' THEN t.amount_fen
            WHEN t.kind = 'posted' THEN 0 ELSE -p.amount_fen END AS pending_fen,
       CASE WHEN t.kind IN ('posted', 'post_pending') THEN t.amount_fen ELSE 0 END AS posted_fen
FROM ledger_transfer t
LEFT JOIN ledger_transfer p ON p.id = t.pending_id
UNION ALL
SELECT t.credit_id, t.debit_id, false, t.id, t.made_at, t.kind, t.cause, t.cause_id, t.leg,
       t.amount_fen, t.reason, t.expires_at,
       CASE WHEN t.kind = 'pending' THEN t.amount_fen
            WHEN t.kind = 'posted' THEN 0 ELSE -p.amount_fen END,
       CASE WHEN t.kind IN ('posted', 'post_pending') THEN t.amount_fen ELSE 0 END
FROM ledger_transfer t
LEFT JOIN ledger_transfer p ON p.id = t.pending_id
