-- title: Give rights to the winners of a batch
-- note: inserted in key order, so that two batches cannot wait for each other in a ring
INSERT INTO vouchers_voucher
    (id, number, kind, state, person_id, holder_key, programme, category_code, ordinal, pool_id,
     region_path, request_id, device_key, worth_fen, topup_fen, funder_code, reserve_fen,
     reserve_cause, reserve_cause_id, issued_at, issued_on, expires_at, changed_at, counts_across)
SELECT t.id, t.number, l.kind, 'usable', t.person_id, t.holder_key, l.programme, l.category_code,
       t.ordinal, l.pool_id, l.region_path, t.request_id, t.device_key, l.worth_fen, 0, '',
       l.reserve_fen, %(cause)s, t.id, %(at)s::timestamptz, %(on)s::date, l.lapse_at,
       %(at)s::timestamptz, l.counts_across
FROM unnest(%(ids)s::uuid[], %(numbers)s::text[], %(person_ids)s::uuid[], %(holder_keys)s::text[],
            %(ordinals)s::int[], %(request_ids)s::uuid[], %(device_keys)s::text[],
            %(places)s::int[])
     AS t(id, number, person_id, holder_key, ordinal, request_id, device_key, line)
JOIN unnest(%(kinds)s::text[], %(programmes)s::text[], %(category_codes)s::text[],
            %(pool_ids)s::uuid[], %(region_paths)s::text[], %(worths)s::bigint[],
            %(reserves)s::bigint[], %(lapse_ats)s::timestamptz[], %(acrosses)s::boolean[])
     WITH ORDINALITY
     AS l(kind, programme, category_code, pool_id, region_path, worth_fen, reserve_fen, lapse_at,
          counts_across, line)
    USING (line)
ORDER BY l.programme, l.category_code, t.holder_key, t.ordinal
