-- id: measured_findings
-- title: Which checks ever found something on each sale's claim, and what they asked for
SELECT DISTINCT c.sale_id, f.check_id, f.outcome
FROM mart_claims_finding AS f
JOIN mart_claims_claim AS c ON c.claim_id = f.claim_id
