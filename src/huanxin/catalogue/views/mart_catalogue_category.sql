-- title: Categories of goods
SELECT code AS category_code, name, family, waste_class_id AS waste_class_code
FROM catalogue_category
