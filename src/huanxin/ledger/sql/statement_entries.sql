-- title: One page of an account's entries in a period, each with what the period moved up to it
WITH effect AS (
    SELECT t.id, t.made_at, true AS is_debit, t.kind, t.cause, t.cause_id, t.leg,
           t.credit_id AS counter_id, t.amount_fen, t.reason, t.expires_at,
           CASE WHEN t.kind = 'pending' THEN t.amount_fen
                WHEN t.kind = 'posted' THEN 0 ELSE -p.amount_fen END AS pending_fen,
           CASE WHEN t.kind IN ('posted', 'post_pending') THEN t.amount_fen ELSE 0 END
               AS posted_fen
    FROM ledger_transfer t
    LEFT JOIN ledger_transfer p ON p.id = t.pending_id
    WHERE t.debit_id = %(account_id)s AND t.made_at < %(until_at)s
    UNION ALL
    SELECT t.id, t.made_at, false, t.kind, t.cause, t.cause_id, t.leg, t.debit_id, t.amount_fen,
           t.reason, t.expires_at,
           CASE WHEN t.kind = 'pending' THEN t.amount_fen
                WHEN t.kind = 'posted' THEN 0 ELSE -p.amount_fen END,
           CASE WHEN t.kind IN ('posted', 'post_pending') THEN t.amount_fen ELSE 0 END
    FROM ledger_transfer t
    LEFT JOIN ledger_transfer p ON p.id = t.pending_id
    WHERE t.credit_id = %(account_id)s AND t.made_at < %(until_at)s
), running AS (
    SELECT e.*,
           sum(CASE WHEN is_debit THEN pending_fen ELSE 0 END) OVER upto AS debits_pending_fen,
           sum(CASE WHEN is_debit THEN posted_fen ELSE 0 END) OVER upto AS debits_posted_fen,
           sum(CASE WHEN is_debit THEN 0 ELSE pending_fen END) OVER upto AS credits_pending_fen,
           sum(CASE WHEN is_debit THEN 0 ELSE posted_fen END) OVER upto AS credits_posted_fen
    FROM effect e
    WHERE e.made_at >= %(from_at)s
    WINDOW upto AS (ORDER BY e.made_at, e.id)
)
SELECT r.id, r.kind, r.cause, r.cause_id, r.leg, a.code, r.is_debit, r.amount_fen, r.reason,
       r.made_at, r.expires_at, r.debits_pending_fen::bigint, r.debits_posted_fen::bigint,
       r.credits_pending_fen::bigint, r.credits_posted_fen::bigint
FROM running r
JOIN ledger_account a ON a.id = r.counter_id
ORDER BY r.made_at, r.id
LIMIT %(limit)s OFFSET %(offset)s
