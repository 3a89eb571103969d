-- title: What every account held at the end of a day, from its transfers
SELECT a.code,
       coalesce(sum(e.pending_fen) FILTER (WHERE e.is_debit), 0)::bigint,
       coalesce(sum(e.posted_fen) FILTER (WHERE e.is_debit), 0)::bigint,
       coalesce(sum(e.pending_fen) FILTER (WHERE NOT e.is_debit), 0)::bigint,
       coalesce(sum(e.posted_fen) FILTER (WHERE NOT e.is_debit), 0)::bigint
FROM mart_ledger_entry e
JOIN ledger_account a ON a.id = e.account_id
WHERE e.made_at < %(until_at)s
GROUP BY a.code
ORDER BY a.code COLLATE "C"
