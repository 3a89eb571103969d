-- id: phone_shared
-- title: 收货电话重复
-- outcome: hold
-- reason: R326
-- weight: 25
-- pattern: C3-2, C3-15 one telephone behind five or more people
WITH asked AS (
    SELECT d.claim_id, t.key
    FROM claim_due AS d
    JOIN mart_claims_tie AS t ON t.sale_id = d.sale_id AND t.kind = 'phone'
), shared AS (
    SELECT t.key, CAST(COUNT(DISTINCT t.person_pseudonym) AS BIGINT) AS people_count
    FROM (SELECT DISTINCT a.key FROM asked AS a) AS u
    JOIN mart_claims_tie AS t ON t.kind = 'phone' AND t.key = u.key
    GROUP BY t.key
    HAVING COUNT(*) >= 5 AND COUNT(DISTINCT t.person_pseudonym) >= 5
)
SELECT a.claim_id, MIN(k.key) AS phone_key, MAX(k.people_count) AS people_count
FROM asked AS a
JOIN shared AS k ON k.key = a.key
GROUP BY a.claim_id
