-- title: Pools with what they gave out and what is left
SELECT id AS pool_id, title, kind, programme, region_path, quantity::bigint AS quantity,
       remaining::bigint AS remaining, reserve_bps::integer AS reserve_bps,
       CAST(floor(extract(epoch FROM opens_at)) AS bigint) AS opens_epoch,
       CAST(floor(extract(epoch FROM closes_at)) AS bigint) AS closes_epoch,
       lapse_hours::integer AS lapse_hours, opened_on
FROM vouchers_pool
