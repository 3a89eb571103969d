-- id: simulated_cases
-- title: Past subsidised sales of a period and a region, as cases to decide again
SELECT sold_on AS paid_on, substring(region_path FROM '[^/]+$') AS region_code, category_code,
       energy_grade, price_fen
FROM mart_claims_claim
WHERE NOT is_returned AND sold_on >= %(from_on)s AND sold_on < %(to_on)s
  AND (%(path)s = '' OR region_path = %(path)s OR region_path LIKE %(path)s || '/%%')
