-- id: old_unit_ages
-- title: Old units taken away by district, category and age, with how many people they came from
SELECT u.region_path, u.category_code, u.age_band, count(*) AS unit_count,
       count(DISTINCT u.person_id) AS person_count
FROM mart_recycling_unit u
CROSS JOIN metric_window w
WHERE u.collected_on BETWEEN w.from_on AND w.to_on
  AND (w.region_path = '' OR u.region_path = w.region_path
       OR starts_with(u.region_path, w.region_path || '/'))
GROUP BY u.region_path, u.category_code, u.age_band
