-- title: Settlement batches
SELECT b.id AS batch_id, b.number, b.programme, b.region_path, b.state, b.opened_on,
       b.published_on, b.objections_until, b.paid_on,
       CAST(floor(extract(epoch FROM b.opened_at)) AS bigint) AS opened_epoch,
       CAST(floor(extract(epoch FROM b.paid_at)) AS bigint) AS paid_epoch
FROM settlement_batch b
