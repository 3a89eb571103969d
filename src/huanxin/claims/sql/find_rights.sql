-- title: Vouchers by id with their holders' pseudonyms
SELECT v.voucher_id, v.kind, v.programme, v.category_code, v.person_id, p.person_pseudonym,
       v.pool_region_path, v.worth_fen, v.holder_key
FROM mart_vouchers_voucher v
JOIN mart_identity_person p ON p.person_id = v.person_id
WHERE v.voucher_id = ANY(%(ids)s)
