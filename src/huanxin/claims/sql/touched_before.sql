-- title: The things that a batch of sales shared until now
CREATE TEMP TABLE IF NOT EXISTS ring_key (kind text, key text) ON COMMIT DELETE ROWS;
DELETE FROM ring_key;
INSERT INTO ring_key SELECT DISTINCT t.kind, t.key FROM claims_tie t
WHERE t.sale_id = ANY(%(sales)s::uuid[]);
