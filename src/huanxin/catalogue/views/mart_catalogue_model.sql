-- title: Product models under their barcodes
SELECT id AS model_id, gtin, brand, name, category_id AS category_code,
       energy_grade::integer AS energy_grade, is_active,
       efficiency_record_no, efficiency_standard
FROM catalogue_model
