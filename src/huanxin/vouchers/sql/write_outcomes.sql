-- title: Write what became of the registrations that a draw reached
UPDATE vouchers_registration r
SET outcome = t.outcome, voucher_id = t.voucher_id, decided_at = %(at)s
FROM json_to_recordset(%(rows)s::json) AS t(id uuid, outcome text, voucher_id uuid)
WHERE r.id = t.id
