-- title: How many of each brand's sold units carry serial numbers of one form
SELECT c.manufacturer, c.serial_form AS form, CAST(COUNT(*) AS BIGINT) AS unit_count
FROM mart_claims_claim AS c
WHERE NOT c.is_returned
GROUP BY c.manufacturer, c.serial_form
