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
    SELECT f.org_id, f.family, n.shop_count
    FROM family AS f
    JOIN (SELECT family, CAST(COUNT(*) AS BIGINT) AS shop_count FROM family
          GROUP BY family HAVING COUNT(*) >= 3) AS n ON n.family = f.family
), asked AS (
    SELECT d.claim_id, c.family, c.shop_count, t.kind, t.key
    FROM claim_due AS d
    JOIN crowded AS c ON c.org_id = d.merchant_id
    JOIN mart_claims_tie AS t ON t.sale_id = d.sale_id
), linked AS (
    SELECT a.family, a.kind, a.key,
           CAST(COUNT(DISTINCT t.person_pseudonym) AS BIGINT) AS people_count
    FROM (SELECT DISTINCT family, kind, key FROM asked) AS a
    JOIN mart_claims_tie AS t ON t.kind = a.kind AND t.key = a.key
    JOIN crowded AS c ON c.org_id = t.merchant_id AND c.family = a.family
    GROUP BY a.family, a.kind, a.key
    HAVING COUNT(*) >= 4 AND COUNT(DISTINCT t.merchant_id) >= 2
       AND COUNT(DISTINCT t.person_pseudonym) >= 4
)
SELECT a.claim_id, MAX(a.shop_count) AS shop_count, MAX(k.people_count) AS people_count
FROM asked AS a
JOIN linked AS k ON k.family = a.family AND k.kind = a.kind AND k.key = a.key
GROUP BY a.claim_id
