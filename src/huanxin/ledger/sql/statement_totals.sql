-- title: An account's totals before a period and at its end, and how many entries lie in it
SELECT coalesce(sum(pending_fen) FILTER (WHERE is_debit AND made_at < %(from_at)s), 0)::bigint,
       coalesce(sum(posted_fen) FILTER (WHERE is_debit AND made_at < %(from_at)s), 0)::bigint,
       coalesce(sum(pending_fen) FILTER (WHERE NOT is_debit AND made_at < %(from_at)s), 0)::bigint,
       coalesce(sum(posted_fen) FILTER (WHERE NOT is_debit AND made_at < %(from_at)s), 0)::bigint,
       coalesce(sum(pending_fen) FILTER (WHERE is_debit), 0)::bigint,
       coalesce(sum(posted_fen) FILTER (WHERE is_debit), 0)::bigint,
       coalesce(sum(pending_fen) FILTER (WHERE NOT is_debit), 0)::bigint,
       coalesce(sum(posted_fen) FILTER (WHERE NOT is_debit), 0)::bigint,
       count(*) FILTER (WHERE made_at >= %(from_at)s)
FROM mart_ledger_entry
WHERE account_id = %(account_id)s AND made_at < %(until_at)s
