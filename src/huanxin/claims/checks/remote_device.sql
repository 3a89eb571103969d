-- id: remote_device
-- title: 异地代抢
-- outcome: hold
-- reason: R352
-- weight: 25
-- pattern: C3-11, C3-12 an online order paid over a line elsewhere, its right taken on others' device
-- One device took the rights of three or more people; the paying line lies outside the city.
WITH asked AS (
    SELECT d.claim_id, t.key, p.ip_region_code
    FROM claim_due AS d
    JOIN mart_claims_payment AS p ON p.sale_id = d.sale_id
    JOIN mart_claims_tie AS t ON t.sale_id = d.sale_id AND t.kind = 'device'
    WHERE d.channel = 'online'
      AND SUBSTRING(p.ip_region_code, 1, 4) <> SUBSTRING(d.region_path, 8, 4)
), shared AS (
    SELECT t.key, CAST(COUNT(DISTINCT t.person_pseudonym) AS BIGINT) AS people_count
    FROM (SELECT DISTINCT a.key FROM asked AS a) AS u
    JOIN mart_claims_tie AS t ON t.kind = 'device' AND t.key = u.key
    GROUP BY t.key
    HAVING COUNT(DISTINCT t.person_pseudonym) >= 3
)
SELECT a.claim_id, MIN(a.ip_region_code) AS ip_region_code, MAX(s.people_count) AS people_count
FROM asked AS a
JOIN shared AS s ON s.key = a.key
GROUP BY a.claim_id
