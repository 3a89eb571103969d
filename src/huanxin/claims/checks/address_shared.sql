-- id: address_shared
-- title: 收货地址重复
-- outcome: hold
-- reason: R327
-- weight: 25
-- pattern: C3-5, C3-2 goods of four or more people go to one address
-- Who fetches her unit herself has the shop's address on the note: within some 200 metres of it.
WITH asked AS (
    SELECT d.claim_id, t.key
    FROM claim_due AS d
    JOIN mart_claims_tie AS t ON t.sale_id = d.sale_id AND t.kind = 'address'
    LEFT JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
    LEFT JOIN mart_identity_organisation AS o ON o.org_id = d.merchant_id
    WHERE v.address_lat_e6 IS NULL OR o.lat_e6 IS NULL
       OR ABS(v.address_lat_e6 - o.lat_e6) > 2000 OR ABS(v.address_lon_e6 - o.lon_e6) > 2500
), shared AS (
    SELECT t.key, CAST(COUNT(DISTINCT t.person_pseudonym) AS BIGINT) AS people_count
    FROM (SELECT DISTINCT a.key FROM asked AS a) AS u
    JOIN mart_claims_tie AS t ON t.kind = 'address' AND t.key = u.key
    GROUP BY t.key
    HAVING COUNT(*) >= 4 AND COUNT(DISTINCT t.person_pseudonym) >= 4
)
SELECT a.claim_id, MIN(k.key) AS address_key, MAX(k.people_count) AS people_count
FROM asked AS a
JOIN shared AS k ON k.key = a.key
GROUP BY a.claim_id
