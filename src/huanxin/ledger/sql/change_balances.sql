-- title: Add a batch's changes to the balances, which the caller holds locked
UPDATE ledger_balance b
SET debits_pending_fen = b.debits_pending_fen + t.debits_pending_fen,
    debits_posted_fen = b.debits_posted_fen + t.debits_posted_fen,
    credits_pending_fen = b.credits_pending_fen + t.credits_pending_fen,
    credits_posted_fen = b.credits_posted_fen + t.credits_posted_fen
FROM unnest(%(account_ids)s::bigint[], %(debits_pending)s::bigint[], %(debits_posted)s::bigint[],
            %(credits_pending)s::bigint[], %(credits_posted)s::bigint[])
     AS t(account_id, debits_pending_fen, debits_posted_fen, credits_pending_fen,
          credits_posted_fen)
WHERE b.account_id = t.account_id
