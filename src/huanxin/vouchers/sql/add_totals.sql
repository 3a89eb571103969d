-- sql/add_totals.sql
-- title: Count amounts under holders' totals, in key order; a holder whose limit would be passed does not come back
-- note: an amount that comes back is never refused for a limit that is lower by now
WITH asked AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(rows)s::json)
        AS t(programme text, holder_key text, limit_fen bigint, amount_fen bigint)
)
INSERT INTO vouchers_holdertotal AS h (programme, holder_key, limit_fen, used_fen)
SELECT a.programme, a.holder_key, a.limit_fen, greatest(a.amount_fen, 0)
FROM asked a
WHERE a.amount_fen <= a.limit_fen
ORDER BY a.programme, a.holder_key
ON CONFLICT (programme, holder_key) DO UPDATE
SET (used_fen, limit_fen) = (
    SELECT h.used_fen + a.amount_fen,
           CASE WHEN a.amount_fen > 0 THEN a.limit_fen ELSE h.limit_fen END
    FROM asked a WHERE a.programme = h.programme AND a.holder_key = h.holder_key
)
WHERE (
    SELECT a.amount_fen <= 0 OR h.used_fen + a.amount_fen <= a.limit_fen
    FROM asked a WHERE a.programme = h.programme AND a.holder_key = h.holder_key
)
RETURNING programme, holder_key
