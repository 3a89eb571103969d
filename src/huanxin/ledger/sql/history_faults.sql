-- title: The first moment at which each guarded account stood below what it may
-- note: looked at after each posting as a whole; its entries share their instant
WITH guarded AS (
    SELECT account_id FROM ledger_balance WHERE kind IN ('budget', 'pool', 'funder', 'prepaid')
), effect AS (
    SELECT t.debit_id AS account_id, t.id, t.made_at,
           CASE t.kind WHEN 'posted' THEN -t.amount_fen
                       WHEN 'pending' THEN -t.amount_fen
                       WHEN 'post_pending' THEN p.amount_fen - t.amount_fen
                       ELSE p.amount_fen END AS change_fen
    FROM ledger_transfer t
    JOIN guarded g ON g.account_id = t.debit_id
    LEFT JOIN ledger_transfer p ON p.id = t.pending_id
    UNION ALL
    SELECT t.credit_id, t.id, t.made_at, t.amount_fen
    FROM ledger_transfer t
    JOIN guarded g ON g.account_id = t.credit_id
    WHERE t.kind IN ('posted', 'post_pending')
), running AS (
    SELECT account_id, id, made_at,
           sum(change_fen) OVER (PARTITION BY account_id ORDER BY id) AS available_fen,
           lead(made_at) OVER (PARTITION BY account_id ORDER BY id) AS next_at
    FROM effect
), below AS (
    SELECT r.account_id, r.id, r.made_at, r.available_fen + coalesce((
               SELECT c.limit_fen FROM ledger_creditline c
               WHERE c.account_id = r.account_id AND c.agreed_at <= r.made_at
               ORDER BY c.agreed_at DESC, c.id DESC LIMIT 1), 0) AS left_fen
    FROM running r
    WHERE r.next_at IS DISTINCT FROM r.made_at AND r.available_fen < 0
)
SELECT DISTINCT ON (a.code) a.code, b.id, b.made_at, (-b.left_fen)::bigint
FROM below b
JOIN ledger_account a ON a.id = b.account_id
WHERE b.left_fen < 0
ORDER BY a.code, b.id
