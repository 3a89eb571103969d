-- id: buyer_ring
-- title: 关联购买人团伙
-- outcome: hold
-- reason: R329
-- weight: 40
-- pattern: C3-1, C3-2, C3-12 six or more buyers joined by devices, accounts, addresses, photos
WITH asked AS (
    SELECT DISTINCT r.ring_id
    FROM claim_due AS d
    JOIN mart_claims_ring AS r ON r.person_pseudonym = d.person_pseudonym
), size AS (
    SELECT r.ring_id, CAST(COUNT(*) AS BIGINT) AS people_count
    FROM asked AS a
    JOIN mart_claims_ring AS r ON r.ring_id = a.ring_id
    GROUP BY r.ring_id
    HAVING COUNT(*) >= 6
)
SELECT d.claim_id, z.ring_id, z.people_count
FROM claim_due AS d
JOIN mart_claims_ring AS r ON r.person_pseudonym = d.person_pseudonym
JOIN size AS z ON z.ring_id = r.ring_id
