-- id: evidence_missing
-- title: 材料缺项
-- outcome: mend
-- reason: R314
-- weight: 10
-- pattern: C3-16 serial number unreadable, no location, no activation photo (Fuzhou, 2025)
-- Of two photos of one delivery each says where it was taken: a forger has two to forge.
SELECT d.claim_id,
       d.wants_invoice AND i.total_fen IS NULL AS no_invoice_total,
       d.wants_invoice AND i.buyer_pseudonym IS NULL AS no_buyer,
       d.wants_label AND l.serial_read IS NULL AS no_serial,
       d.wants_label AND l.label_lat_e6 IS NULL AS no_location,
       d.wants_delivery AND v.signed_epoch IS NULL AS no_sign_off,
       d.wants_delivery AND v.delivery_lat_e6 IS NULL AS no_delivery_place,
       d.wants_activation AND l.activated_epoch IS NULL AS no_activation,
       d.imei IS NOT NULL AND l.imei_read IS NULL AS no_imei
FROM claim_due AS d
LEFT JOIN mart_claims_invoice AS i ON i.sale_id = d.sale_id
LEFT JOIN mart_claims_label AS l ON l.sale_id = d.sale_id
LEFT JOIN mart_claims_delivery AS v ON v.sale_id = d.sale_id
WHERE (d.wants_invoice AND (i.total_fen IS NULL OR i.buyer_pseudonym IS NULL))
   OR (d.wants_label AND (l.serial_read IS NULL OR l.label_lat_e6 IS NULL))
   OR (d.wants_delivery AND (v.signed_epoch IS NULL OR v.delivery_lat_e6 IS NULL))
   OR (d.wants_activation AND l.activated_epoch IS NULL)
   OR (d.imei IS NOT NULL AND l.imei_read IS NULL)
