-- title: The forms of serial numbers, counted anew
INSERT INTO claims_serialform (manufacturer, form, unit_count)
SELECT c.manufacturer, c.serial_form, count(*)
FROM mart_claims_claim c
WHERE NOT c.is_returned
GROUP BY c.manufacturer, c.serial_form
ON CONFLICT (manufacturer, form) DO UPDATE SET unit_count = excluded.unit_count
WHERE claims_serialform.unit_count <> excluded.unit_count
