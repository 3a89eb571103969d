-- title: Product models under their barcodes
SELECT id AS model_id, gtin, brand, name, category_id AS category_code,
       energy_grade::integer AS energy_grade, is_active,
       efficiency_record_no, efficiency_standard,
       upper(regexp_replace(name, '[^A-Za-z0-9]', '', 'g')) AS model_code
FROM catalogue_model
