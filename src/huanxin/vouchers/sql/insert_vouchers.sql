-- title: Give rights to the winners of a batch; one whose right was taken meanwhile is left out
-- note: inserted in key order, so that two batches cannot wait for each other in a ring
INSERT INTO vouchers_voucher
    (id, number, kind, state, person_id, holder_key, programme, category_code, ordinal, pool_id,
     region_path, request_id, device_key, worth_fen, topup_fen, funder_code, reserve_fen,
     reserve_cause, reserve_cause_id, issued_at, issued_on, expires_at, changed_at)
SELECT t.id, t.number, t.kind, 'usable', t.person_id, t.holder_key, t.programme,
       t.category_code, t.ordinal, t.pool_id, t.region_path, t.request_id, t.device_key,
       t.worth_fen, 0, '', t.reserve_fen, %(cause)s, t.id, %(at)s, %(on)s, t.expires_at, %(at)s
FROM json_to_recordset(%(rows)s::json) AS t(
    id uuid, number text, kind text, person_id uuid, holder_key text, programme text,
    category_code text, ordinal int, pool_id uuid, region_path text, request_id uuid, device_key text,
    worth_fen bigint, reserve_fen bigint, expires_at timestamptz)
ORDER BY t.programme, t.category_code, t.holder_key, t.ordinal
ON CONFLICT DO NOTHING
RETURNING id
