-- title: One page of an account's entries in a period, each with what the period moved up to it
WITH running AS (
    SELECT e.*,
           sum(CASE WHEN is_debit THEN pending_fen ELSE 0 END) OVER upto AS debits_pending_fen,
           sum(CASE WHEN is_debit THEN posted_fen ELSE 0 END) OVER upto AS debits_posted_fen,
           sum(CASE WHEN is_debit THEN 0 ELSE pending_fen END) OVER upto AS credits_pending_fen,
           sum(CASE WHEN is_debit THEN 0 ELSE posted_fen END) OVER upto AS credits_posted_fen
    FROM mart_ledger_entry e
    WHERE e.account_id = %(account_id)s
      AND e.made_at >= %(from_at)s AND e.made_at < %(until_at)s
    WINDOW upto AS (ORDER BY e.made_at, e.transfer_id)
)
SELECT r.transfer_id, r.kind, r.cause, r.cause_id, r.leg, a.code, r.is_debit, r.amount_fen,
       r.reason, r.made_at, r.expires_at, r.debits_pending_fen::bigint,
       r.debits_posted_fen::bigint, r.credits_pending_fen::bigint, r.credits_posted_fen::bigint
FROM running r
JOIN ledger_account a ON a.id = r.counter_id
ORDER BY r.made_at, r.transfer_id
LIMIT %(limit)s OFFSET %(offset)s
