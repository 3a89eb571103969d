-- title: How many of each brand's sold units carry serial numbers of one form
SELECT f.manufacturer, f.form, f.unit_count
FROM claims_serialform f
