-- title: What each buyer paid and who paid it
SELECT r.sale_id, r.paid_fen, CAST(floor(extract(epoch FROM r.paid_at)) AS bigint) AS paid_epoch,
       r.payer_pseudonym, r.payer_relation, r.card_key, r.ip_key, r.ip_region_code, r.payer_lat_e6, r.payer_lon_e6,
       r.refunded_fen
FROM claims_reading r
WHERE r.paid_fen IS NOT NULL
