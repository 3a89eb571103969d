-- id: account_two_names
-- title: 同一账户不同姓名
-- outcome: hold
-- reason: R349
-- weight: 35
-- pattern: C3-2, C3-9 one payment account shown under two holders' names: a flow made on paper
SELECT d.claim_id, MIN(p.card_key) AS account_key,
       CAST(COUNT(DISTINCT q.payer_pseudonym) AS BIGINT) AS other_names
FROM claim_due AS d
JOIN mart_claims_payment AS p ON p.sale_id = d.sale_id
JOIN mart_claims_tie AS t ON t.kind = 'card' AND t.key = p.card_key AND t.sale_id <> d.sale_id
JOIN mart_claims_payment AS q ON q.sale_id = t.sale_id AND q.card_key = p.card_key
WHERE q.payer_pseudonym <> p.payer_pseudonym
GROUP BY d.claim_id
