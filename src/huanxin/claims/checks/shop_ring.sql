-- id: shop_ring
-- title: 关联门店团伙
-- outcome: hold
-- reason: R330
-- weight: 35
-- pattern: C3-14 shops with one telephone or address, whose customers are tied to one another
-- Three or more shops alike, and four or more people behind one thing who bought in two of them.
WITH family AS (
    SELECT o.org_id, CONCAT('phone ', o.phone) AS family
    FROM mart_identity_organisation AS o
    WHERE o.kind = 'retailer' AND o.phone <> ''
    UNION ALL
    SELECT o.org_id, CONCAT('address ', o.address) AS family
    FROM mart_identity_organisation AS o
    WHERE o.kind = 'retailer' AND o.address <> ''
), crowded AS (
    SELECT f.family, CAST(COUNT(*) AS BIGINT) AS shop_count
    FROM family AS f
    GROUP BY f.family
    HAVING COUNT(*) >= 3
), asked AS (
    SELECT DISTINCT f.family, t.kind, t.key
    FROM claim_due AS d
    JOIN family AS f ON f.org_id = d.merchant_id
    JOIN crowded AS c ON c.family = f.family
    JOIN mart_claims_tie AS t ON t.sale_id = d.sale_id
), linked AS (
    SELECT a.family, a.kind, a.key,
           CAST(COUNT(DISTINCT t.person_pseudonym) AS BIGINT) AS people_count
    FROM asked AS a
    JOIN mart_claims_tie AS t ON t.kind = a.kind AND t.key = a.key
    JOIN family AS f ON f.org_id = t.merchant_id AND f.family = a.family
    GROUP BY a.family, a.kind, a.key
    HAVING COUNT(DISTINCT t.person_pseudonym) >= 4 AND COUNT(DISTINCT t.merchant_id) >= 2
)
SELECT d.claim_id, MAX(c.shop_count) AS shop_count, MAX(k.people_count) AS people_count
FROM claim_due AS d
JOIN family AS f ON f.org_id = d.merchant_id
JOIN crowded AS c ON c.family = f.family
JOIN mart_claims_tie AS t ON t.sale_id = d.sale_id
JOIN linked AS k ON k.family = f.family AND k.kind = t.kind AND k.key = t.key
GROUP BY d.claim_id
