-- title: Write the rank of every registration of a lottery
UPDATE vouchers_registration r SET rank = t.rank
FROM json_to_recordset(%(rows)s::json) AS t(hash text, rank int)
WHERE r.pool_id = %(pool_id)s AND r.hash = t.hash AND r.withdrawn_at IS NULL
