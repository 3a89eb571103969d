-- id: claimant_not_buyer
-- title: 购买人不一致
-- outcome: hold
-- reason: R313
-- weight: 30
-- pattern: C3-1, C3-2 bought rights, hired buyers; B4 claimant, payer, consignee and invoice name
-- Two or more papers in other names, or a name that stands on a second claimant's papers, too:
-- another's on these, or the claimant's own on two others'. Or the two bought in one shop on one
-- day: one purchase in several names.
-- One paper in one other name is a family's (name_differs, name_declared).
WITH shared AS (
    SELECT t.key
    FROM (SELECT DISTINCT m.key FROM claim_due_name AS n
          JOIN mart_claims_tie AS m ON m.sale_id = n.sale_id AND m.kind = 'name') AS u
    JOIN mart_claims_tie AS t ON t.kind = 'name' AND t.key = u.key
    GROUP BY t.key
    HAVING COUNT(DISTINCT t.person_pseudonym) >= 2
), often AS (
    SELECT n.claim_id
    FROM claim_due_name AS n
    JOIN mart_claims_tie AS m ON m.sale_id = n.sale_id AND m.kind = 'name'
    JOIN shared AS s ON s.key = m.key
    UNION
    SELECT n.claim_id
    FROM claim_due_name AS n
    JOIN mart_claims_tie AS t ON t.kind = 'name' AND t.key = n.person_pseudonym
    GROUP BY n.claim_id
    HAVING COUNT(DISTINCT t.person_pseudonym) >= 2
    UNION
    SELECT n.claim_id
    FROM claim_due_name AS n
    JOIN mart_claims_tie AS m ON m.sale_id = n.sale_id AND m.kind = 'name'
    JOIN mart_claims_sale AS s ON s.person_pseudonym = m.key AND s.merchant_id = n.merchant_id
    WHERE s.sold_on = n.sold_on AND NOT s.is_returned
    UNION
    SELECT n.claim_id
    FROM claim_due_name AS n
    JOIN mart_claims_tie AS t
      ON t.kind = 'name' AND t.key = n.person_pseudonym AND t.merchant_id = n.merchant_id
    JOIN mart_claims_sale AS s ON s.sale_id = t.sale_id
    WHERE s.sold_on = n.sold_on AND NOT s.is_returned
)
SELECT n.claim_id, n.buyer_other = 1 AS buyer_differs, n.payer_other = 1 AS payer_differs,
       n.receiver_other = 1 AS receiver_differs, o.claim_id IS NOT NULL AS name_elsewhere
FROM claim_due_name AS n
LEFT JOIN often AS o ON o.claim_id = n.claim_id
WHERE n.buyer_other + n.payer_other + n.receiver_other >= 2 OR o.claim_id IS NOT NULL
