-- id: ip_shared
-- title: 同一网络集中下单
-- outcome: hold
-- reason: R328
-- weight: 20
-- pattern: C3-11, C3-12 five or more people order online at one shop, on one day, from one IP
SELECT d.claim_id, CAST(COUNT(DISTINCT o.person_pseudonym) AS BIGINT) AS people_count
FROM claim_due AS d
JOIN mart_claims_tie AS t ON t.sale_id = d.sale_id AND t.kind = 'ip'
JOIN mart_claims_tie AS o
  ON o.kind = t.kind AND o.key = t.key AND o.merchant_id = d.merchant_id
GROUP BY d.claim_id
HAVING COUNT(DISTINCT o.person_pseudonym) >= 5
