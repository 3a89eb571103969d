-- id: party_restricted
-- title: 主体受限
-- outcome: hold
-- reason: R346
-- weight: 50
-- pattern: C4 a shop or a buyer whom the violation library keeps out on the day of the claim
WITH kept_out AS (
    SELECT d.claim_id, r.kind
    FROM claim_due AS d
    JOIN mart_identity_restriction AS r ON r.key = CAST(d.merchant_id AS VARCHAR)
    WHERE r.kind = 'organisation' AND r.from_on <= d.submitted_on
      AND (r.to_on IS NULL OR r.to_on > d.submitted_on)
    UNION ALL
    SELECT d.claim_id, r.kind
    FROM claim_due AS d
    JOIN mart_identity_restriction AS r ON r.key = CAST(d.person_id AS VARCHAR)
    WHERE r.kind = 'person' AND r.from_on <= d.submitted_on
      AND (r.to_on IS NULL OR r.to_on > d.submitted_on)
)
SELECT k.claim_id, MIN(k.kind) AS restricted_kind
FROM kept_out AS k
GROUP BY k.claim_id
