-- id: mart_ledger_leaf
-- title: transfers as leaves of the transparency log
SELECT l.row_id, l.tx, sha256(convert_to(l.text, 'UTF8')) AS digest, l.text
FROM (
  SELECT id AS row_id, tx,
         concat_ws('|', 'transfer', id, kind, cause, cause_id, leg, debit_id, credit_id,
                   amount_fen, coalesce(pending_id, 0),
                   (extract(epoch FROM made_at) * 1000000)::bigint, to_char(made_on, 'YYYY-MM-DD'), reason) AS text
  FROM ledger_transfer
) l
