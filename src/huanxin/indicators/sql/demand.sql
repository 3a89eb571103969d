-- id: demand
-- title: New units sold with a subsidy by district and category, with how many people bought them
SELECT c.region_path, c.category_code, ''::text AS age_band, count(*) AS unit_count,
       count(DISTINCT c.person_id) AS person_count
FROM mart_claims_claim c
CROSS JOIN metric_window w
WHERE NOT c.is_returned AND NOT c.is_closed AND c.sold_on BETWEEN w.from_on AND w.to_on
  AND (w.region_path = '' OR c.region_path = w.region_path
       OR starts_with(c.region_path, w.region_path || '/'))
GROUP BY c.region_path, c.category_code
