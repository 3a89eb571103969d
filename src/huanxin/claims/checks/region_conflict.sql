-- id: region_conflict
-- title: 地点互相矛盾
-- outcome: hold
-- reason: R342
-- weight: 25
-- pattern: C3-11 two of IP, position at payment and address lie outside the right's city
WITH sign AS (
    SELECT d.claim_id,
           CASE WHEN SUBSTRING(p.ip_region_code, 1, 4) <> SUBSTRING(d.region_path, 8, 4)
                THEN 1 ELSE 0 END AS ip_away,
           CASE WHEN ABS(p.payer_lat_e6 - o.lat_e6) > 500000
                  OR ABS(p.payer_lon_e6 - o.lon_e6) > 600000 THEN 1 ELSE 0 END AS payer_away,
           CASE WHEN SUBSTRING(v.address_region_code, 1, 4) <> SUBSTRING(d.region_path, 8, 4)
                THEN 1 ELSE 0 END AS address_away
    FROM claim_due AS d
    LEFT JOIN mart_claims_payment AS p ON p.sale_id = d.sale_id
    LEFT JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
    LEFT JOIN mart_identity_organisation AS o ON o.org_id = d.merchant_id
)
SELECT s.claim_id, s.ip_away, s.payer_away, s.address_away
FROM sign AS s
WHERE s.ip_away + s.payer_away + s.address_away >= 2
