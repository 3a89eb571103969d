-- title: Count an amount under a holder's total; no row comes back where it would pass the limit
INSERT INTO vouchers_holdertotal (programme, holder_key, limit_fen, used_fen)
SELECT %(programme)s, %(holder_key)s, %(limit_fen)s, greatest(%(amount_fen)s, 0)
WHERE %(amount_fen)s <= %(limit_fen)s
ON CONFLICT (programme, holder_key) DO UPDATE
SET used_fen = vouchers_holdertotal.used_fen + %(amount_fen)s, limit_fen = excluded.limit_fen
WHERE vouchers_holdertotal.used_fen + %(amount_fen)s BETWEEN 0 AND excluded.limit_fen
RETURNING used_fen
