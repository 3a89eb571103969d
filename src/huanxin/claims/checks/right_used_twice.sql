-- id: right_used_twice
-- title: 资格重复使用
-- outcome: refuse
-- reason: R302
-- weight: 60
-- pattern: C3-7 more subsidies to one person in a category than the rule allows, under any account
SELECT d.claim_id, MIN(d.right_limit) AS right_limit,
       CAST(COUNT(*) AS BIGINT) AS earlier_count
FROM claim_due AS d
JOIN mart_claims_claim AS o
  ON o.person_pseudonym = d.person_pseudonym AND o.programme = d.programme
 AND o.category_code = d.category_code AND o.claim_id <> d.claim_id
WHERE NOT o.is_returned
  AND (o.sold_epoch < d.sold_epoch OR (o.sold_epoch = d.sold_epoch AND o.number < d.number))
GROUP BY d.claim_id
HAVING COUNT(*) >= MIN(d.right_limit)
