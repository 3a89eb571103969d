-- title: What sales share with others; an IP counts for online orders of one day only,
-- a name where it is not the claimant's own, a picture where it shows something
SELECT s.id AS sale_id, s.person_pseudonym, s.merchant_id, k.kind, k.key, k.at_epoch
FROM claims_sale s
LEFT JOIN claims_reading r ON r.sale_id = s.id
CROSS JOIN LATERAL (
    SELECT 'device' AS kind, encode(sha256(convert_to(v.device_key, 'UTF8')), 'hex') AS key,
           v.issued_epoch AS at_epoch
    FROM mart_vouchers_voucher v
    WHERE v.voucher_id = s.qualification_id AND v.device_key <> ''
    UNION
    SELECT 'phone', p.phone_key, s.sold_epoch
    FROM mart_identity_person p WHERE p.person_id = s.person_id
    UNION
    SELECT x.kind, x.key, s.sold_epoch
    FROM (VALUES ('phone', r.receiver_phone_key), ('card', r.card_key),
                 ('address', r.address_key)) AS x (kind, key)
    WHERE x.key IS NOT NULL
    UNION
    SELECT 'name', x.key, s.sold_epoch
    FROM (VALUES (r.buyer_pseudonym), (r.payer_pseudonym), (r.receiver_pseudonym)) AS x (key)
    WHERE x.key <> s.person_pseudonym
    UNION
    SELECT 'ip', r.ip_key || '/' || s.sold_on, s.sold_epoch
    WHERE r.ip_key IS NOT NULL AND s.channel = 'online'
    UNION
    SELECT 'photo', e.photo_hash, s.sold_epoch
    FROM claims_evidence e WHERE e.sale_id = s.id AND e.photo_hash <> '0000000000000000'
) AS k
WHERE s.id = ANY(%(sales)s::uuid[])
