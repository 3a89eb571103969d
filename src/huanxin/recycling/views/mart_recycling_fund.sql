-- id: mart_recycling_fund
-- title: what dismantlers claimed from the fund, unit by unit
SELECT c.id AS claim_id, c.number, c.dismantler_id AS dismantler_org_id, c.region_path, c.month,
       f.class_code, f.rate_fen, u.unit_code, r.certificate_no,
       floor(extract(epoch FROM c.claimed_at))::bigint AS claimed_epoch
FROM recycling_fundclaimunit f
JOIN recycling_fundclaim c ON c.id = f.claim_id
JOIN recycling_rununit ru ON ru.id = f.run_unit_id
JOIN recycling_run r ON r.id = ru.run_id
JOIN recycling_unit u ON u.id = ru.unit_id
