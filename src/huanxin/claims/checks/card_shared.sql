-- id: card_shared
-- title: 同一账户代付
-- outcome: hold
-- reason: R325
-- weight: 25
-- pattern: C3-2, C3-9 one account pays for four or more people, or for three where its holder is none
WITH asked AS (
    SELECT d.claim_id, t.key
    FROM claim_due AS d
    JOIN mart_claims_tie AS t ON t.sale_id = d.sale_id AND t.kind = 'card'
), shared AS (
    SELECT t.key, CAST(COUNT(DISTINCT t.person_pseudonym) AS BIGINT) AS people_count,
           MAX(CASE WHEN p.payer_pseudonym <> t.person_pseudonym THEN 1 ELSE 0 END) AS has_other
    FROM (SELECT DISTINCT a.key FROM asked AS a) AS u
    JOIN mart_claims_tie AS t ON t.kind = 'card' AND t.key = u.key
    LEFT JOIN mart_claims_payment AS p ON p.sale_id = t.sale_id
    GROUP BY t.key
    HAVING COUNT(*) >= 3 AND COUNT(DISTINCT t.person_pseudonym) >= 3
)
SELECT a.claim_id, MIN(k.key) AS account_key, MAX(k.people_count) AS people_count
FROM asked AS a
JOIN shared AS k ON k.key = a.key
WHERE k.people_count >= 4 OR k.has_other = 1
GROUP BY a.claim_id
