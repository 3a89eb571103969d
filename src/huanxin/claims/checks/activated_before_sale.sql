-- id: activated_before_sale
-- title: 售前已激活
-- outcome: hold
-- reason: R340
-- weight: 35
-- pattern: C3-8 old as new: the unit was activated more than an hour before it was sold
SELECT d.claim_id, l.activated_epoch, d.sold_epoch - l.activated_epoch AS seconds_before
FROM claim_due AS d
JOIN mart_claims_label AS l ON l.sale_id = d.sale_id
WHERE d.sold_epoch - l.activated_epoch > 3600
