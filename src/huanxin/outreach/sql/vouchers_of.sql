-- title: holders of vouchers
SELECT voucher_id::text, person_id, number FROM mart_vouchers_voucher
WHERE voucher_id = ANY(%(ids)s::uuid[]) ORDER BY voucher_id
