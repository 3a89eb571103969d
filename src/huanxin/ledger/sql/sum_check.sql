-- title: Every account whose balance differs from the sum of its transfers
WITH resolved AS (
    SELECT pending_id FROM ledger_transfer WHERE pending_id IS NOT NULL
), effect AS (
    SELECT t.debit_id, t.credit_id,
           CASE WHEN t.kind = 'pending' AND r.pending_id IS NULL THEN t.amount_fen ELSE 0 END
               AS pending_fen,
           CASE WHEN t.kind IN ('posted', 'post_pending') THEN t.amount_fen ELSE 0 END
               AS posted_fen
    FROM ledger_transfer t
    LEFT JOIN resolved r ON r.pending_id = t.id
), side AS (
    SELECT debit_id AS account_id, pending_fen AS debits_pending_fen,
           posted_fen AS debits_posted_fen, 0 AS credits_pending_fen, 0 AS credits_posted_fen
    FROM effect
    UNION ALL
    SELECT credit_id, 0, 0, pending_fen, posted_fen FROM effect
), summed AS (
    SELECT account_id,
           CAST(sum(debits_pending_fen) AS bigint) AS debits_pending_fen,
           CAST(sum(debits_posted_fen) AS bigint) AS debits_posted_fen,
           CAST(sum(credits_pending_fen) AS bigint) AS credits_pending_fen,
           CAST(sum(credits_posted_fen) AS bigint) AS credits_posted_fen
    FROM side GROUP BY account_id
)
SELECT a.code, coalesce(b.debits_pending_fen, 0), coalesce(b.debits_posted_fen, 0),
       coalesce(b.credits_pending_fen, 0), coalesce(b.credits_posted_fen, 0),
       coalesce(s.debits_pending_fen, 0), coalesce(s.debits_posted_fen, 0),
       coalesce(s.credits_pending_fen, 0), coalesce(s.credits_posted_fen, 0)
FROM ledger_account a
LEFT JOIN ledger_balance b ON b.account_id = a.id
LEFT JOIN summed s ON s.account_id = a.id
WHERE b.account_id IS NULL
   OR b.kind <> a.kind
   OR b.debits_pending_fen <> coalesce(s.debits_pending_fen, 0)
   OR b.debits_posted_fen <> coalesce(s.debits_posted_fen, 0)
   OR b.credits_pending_fen <> coalesce(s.credits_pending_fen, 0)
   OR b.credits_posted_fen <> coalesce(s.credits_posted_fen, 0)
ORDER BY a.code
