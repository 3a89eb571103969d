-- title: Accounts with their totals; available is what may still leave
SELECT a.code, a.kind, a.region_path, a.owner_key, b.debits_pending_fen, b.debits_posted_fen,
       b.credits_pending_fen, b.credits_posted_fen, b.credit_limit_fen,
       b.credits_posted_fen - b.debits_posted_fen - b.debits_pending_fen AS available_fen
FROM ledger_account a
JOIN ledger_balance b ON b.account_id = a.id
