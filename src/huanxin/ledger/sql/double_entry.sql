-- title: What all accounts were debited less what all were credited; how many transfers there are
SELECT (SELECT coalesce(sum(abs(gap_fen)), 0)::bigint FROM (
            SELECT sum(debits_pending_fen) - sum(credits_pending_fen) AS gap_fen FROM ledger_balance
            UNION ALL
            SELECT sum(debits_posted_fen) - sum(credits_posted_fen) FROM ledger_balance
        ) AS gaps),
       (SELECT count(*) FROM ledger_transfer)
