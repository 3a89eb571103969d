-- id: unit_flow
-- title: 旧机去向：期内收走的旧机按处置结果、按交旧人是否买新；期内预约的旧机中待上门与已取消的
WITH buyers AS (
    SELECT DISTINCT c.person_id
    FROM mart_claims_claim c
    CROSS JOIN metric_window w
    WHERE NOT c.is_returned AND NOT c.is_closed AND c.sold_on BETWEEN w.from_on AND w.to_on
),
units AS (
    SELECT CASE WHEN o.collected_on IS NULL AND o.state = 'cancelled' THEN 'cancelled'
                WHEN o.collected_on IS NULL THEN 'waiting'
                WHEN u.state = 'dismantled' THEN 'dismantled'
                WHEN u.state = 'refurbished' THEN 'reused'
                ELSE 'in_hand' END AS fate,
           CASE WHEN o.collected_on IS NOT NULL AND b.person_id IS NOT NULL
                THEN 1 ELSE 0 END AS has_bought
    FROM mart_recycling_order o
    CROSS JOIN metric_window w
    JOIN mart_recycling_unit u ON u.order_id = o.order_id
    LEFT JOIN buyers b ON b.person_id = o.person_id
    WHERE coalesce(o.collected_on, o.booked_on) BETWEEN w.from_on AND w.to_on
      AND (w.region_path = '' OR o.region_path = w.region_path
           OR starts_with(o.region_path, w.region_path || '/'))
)
SELECT fate, has_bought, count(*) AS unit_count
FROM units
GROUP BY fate, has_bought
