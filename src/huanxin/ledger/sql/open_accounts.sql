-- title: Open accounts that do not exist yet, each with a balance of zero
WITH opened AS (
    INSERT INTO ledger_account (code, kind, region_path, owner_key, opened_at)
    SELECT code, kind, region_path, owner_key, %(at)s
    FROM unnest(%(codes)s::text[], %(kinds)s::text[], %(region_paths)s::text[],
                %(owner_keys)s::text[]) AS t(code, kind, region_path, owner_key)
    ORDER BY code
    ON CONFLICT (code) DO NOTHING
    RETURNING id, kind
)
INSERT INTO ledger_balance
    (account_id, kind, debits_pending_fen, debits_posted_fen, credits_pending_fen,
     credits_posted_fen)
SELECT id, kind, 0, 0, 0, 0 FROM opened
