-- id: model_not_eligible
-- title: 型号不符合补贴条件
-- outcome: refuse
-- reason: R304
-- weight: 50
-- pattern: C3-3, C3-8 goods re-labelled: the filing or the grade label contradicts the claim
SELECT d.claim_id, d.category_code, m.category_code AS filed_category, d.energy_grade,
       m.energy_grade AS filed_grade, l.grade_read
FROM claim_due AS d
LEFT JOIN mart_catalogue_model AS m ON m.model_id = d.model_id
LEFT JOIN mart_claims_label AS l ON l.sale_id = d.sale_id
WHERE m.model_id IS NULL
   OR m.category_code <> d.category_code
   OR COALESCE(m.energy_grade, 0) <> COALESCE(d.energy_grade, 0)
   OR (l.grade_read IS NOT NULL AND l.grade_read <> COALESCE(d.energy_grade, 0))
