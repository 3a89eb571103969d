-- title: An account's totals before a period and at its end, and how many entries lie in it
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
)
SELECT coalesce(sum(pending_fen) FILTER (WHERE is_debit AND made_at < %(from_at)s), 0)::bigint,
       coalesce(sum(posted_fen) FILTER (WHERE is_debit AND made_at < %(from_at)s), 0)::bigint,
       coalesce(sum(pending_fen) FILTER (WHERE NOT is_debit AND made_at < %(from_at)s), 0)::bigint,
       coalesce(sum(posted_fen) FILTER (WHERE NOT is_debit AND made_at < %(from_at)s), 0)::bigint,
       coalesce(sum(pending_fen) FILTER (WHERE is_debit), 0)::bigint,
       coalesce(sum(posted_fen) FILTER (WHERE is_debit), 0)::bigint,
       coalesce(sum(pending_fen) FILTER (WHERE NOT is_debit), 0)::bigint,
       coalesce(sum(posted_fen) FILTER (WHERE NOT is_debit), 0)::bigint,
       count(*) FILTER (WHERE made_at >= %(from_at)s)
FROM effect
