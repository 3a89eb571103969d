-- id: serial_form_unknown
-- title: 序列号不合品牌规则
-- outcome: hold
-- reason: R341
-- weight: 20
-- pattern: C3-8 changed nameplate: a serial number of a form that the brand's units do not have
-- Known from two hundred units of the brand on; fewer than one in two hundred have this form.
WITH asked AS (
    SELECT DISTINCT d.manufacturer FROM claim_due AS d
), brand AS (
    SELECT f.manufacturer, CAST(SUM(f.unit_count) AS BIGINT) AS unit_count
    FROM asked AS a
    JOIN mart_claims_serial_form AS f ON f.manufacturer = a.manufacturer
    GROUP BY f.manufacturer
)
SELECT d.claim_id, d.serial_norm, d.serial_form, COALESCE(f.unit_count, 0) AS form_count,
       b.unit_count AS brand_count
FROM claim_due AS d
JOIN brand AS b ON b.manufacturer = d.manufacturer
LEFT JOIN mart_claims_serial_form AS f
  ON f.manufacturer = d.manufacturer AND f.form = d.serial_form
WHERE b.unit_count >= 200 AND COALESCE(f.unit_count, 0) * 200 < b.unit_count
