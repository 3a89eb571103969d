-- title: Sales whose ties nobody has taken yet, among the newest ones
SELECT s.id
FROM (SELECT id FROM claims_sale ORDER BY id DESC LIMIT %(window)s) AS s
WHERE NOT EXISTS (SELECT 1 FROM claims_tie t WHERE t.sale_id = s.id)
ORDER BY s.id
LIMIT %(limit)s
