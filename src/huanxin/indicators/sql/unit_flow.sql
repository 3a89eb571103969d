-- id: unit_flow
-- title: 旧机去向：期内收走的旧机按处置结果、按交旧人是否买新；期内预约的旧机中待上门与已取消的
SELECT fate, has_bought, count(*) AS unit_count
FROM (
    SELECT CASE WHEN o.collected_on IS NULL AND o.state = 'cancelled' THEN 'cancelled'
                WHEN o.collected_on IS NULL THEN 'waiting'
                WHEN u.state = 'dismantled' THEN 'dismantled'
                WHEN u.state = 'refurbished' THEN 'reused'
                ELSE 'in_hand' END AS fate,
           CASE WHEN o.collected_on IS NOT NULL AND o.person_id IN (
               SELECT c.person_id
               FROM mart_claims_claim c
               CROSS JOIN metric_window b
               WHERE NOT c.is_returned AND NOT c.is_closed
                 AND c.sold_on BETWEEN b.from_on AND b.to_on
           ) THEN 1 ELSE 0 END AS has_bought
    FROM mart_recycling_unit u
    JOIN mart_recycling_order o ON o.order_id = u.order_id
    CROSS JOIN metric_window w
    WHERE coalesce(o.collected_on, o.booked_on) BETWEEN w.from_on AND w.to_on
      AND (w.region_path = '' OR o.region_path = w.region_path
           OR starts_with(o.region_path, w.region_path || '/'))
) AS f
GROUP BY fate, has_bought
