-- title: How many claims each check stopped within a window, and under '' how many were decided
SELECT f.check_id, count(DISTINCT f.claim_id) FROM claims_finding f
WHERE f.outcome IN ('hold', 'refuse', 'mend') AND f.found_at > %(since)s AND f.found_at <= %(until)s
GROUP BY f.check_id
UNION ALL
SELECT '', count(*) FROM claims_claim c
WHERE c.decided_at > %(since)s AND c.decided_at <= %(until)s
