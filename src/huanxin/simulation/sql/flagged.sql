-- id: flagged
-- title: Which sales each check ever found something on that stops a claim
SELECT DISTINCT c.sale_id, f.check_id
FROM mart_claims_finding AS f
JOIN mart_claims_claim AS c ON c.claim_id = f.claim_id
WHERE f.outcome IN ('hold', 'refuse')
