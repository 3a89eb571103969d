-- id: device_grab
-- title: 同一设备抢领
-- outcome: hold
-- reason: R324
-- weight: 30
-- pattern: C3-12 scalpers: rights of four or more people taken by one device in ten minutes
-- Or of three whose goods go to three addresses: a family's go to one or two.
-- A shop's or a station's own device serves people one after the other, not at once.
WITH asked AS (
    SELECT d.claim_id, t.key, t.at_epoch
    FROM claim_due AS d
    JOIN mart_claims_tie AS t ON t.sale_id = d.sale_id AND t.kind = 'device'
), many AS (
    SELECT t.key
    FROM (SELECT DISTINCT a.key FROM asked AS a) AS u
    JOIN mart_claims_tie AS t ON t.kind = 'device' AND t.key = u.key
    GROUP BY t.key
    HAVING COUNT(*) >= 3
), near AS (
    SELECT a.claim_id, a.key, a.at_epoch, a.at_epoch - MOD(a.at_epoch, 600) + w.step AS slot
    FROM asked AS a
    JOIN many AS m ON m.key = a.key
    CROSS JOIN (SELECT -600 AS step UNION ALL SELECT 0 UNION ALL SELECT 600) AS w
)
SELECT n.claim_id, MIN(n.key) AS device_key,
       CAST(COUNT(DISTINCT o.person_pseudonym) AS BIGINT) AS people_count
FROM near AS n
JOIN mart_claims_tie AS o
  ON o.kind = 'device' AND o.key = n.key AND o.at_epoch - MOD(o.at_epoch, 600) = n.slot
 AND o.at_epoch BETWEEN n.at_epoch - 600 AND n.at_epoch + 600
LEFT JOIN mart_claims_tie AS h ON h.sale_id = o.sale_id AND h.kind = 'address'
GROUP BY n.claim_id
HAVING COUNT(DISTINCT o.person_pseudonym) >= 4
    OR (COUNT(DISTINCT o.person_pseudonym) >= 3 AND COUNT(DISTINCT h.key) >= 3)
