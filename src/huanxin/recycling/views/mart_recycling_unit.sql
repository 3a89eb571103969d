-- id: mart_recycling_unit
-- title: old units
SELECT u.id AS unit_id, u.unit_code, u.order_id, u.category_code, u.waste_class_code, u.mass_g,
       u.gate_mass_g, u.state, u.grade, u.next_step, u.depot_id AS depot_org_id, u.lot_id,
       u.run_id, o.region_path, o.person_id, o.collected_on, q.cash_fen, q.voucher_fen,
       q.age_band,
       floor(extract(epoch FROM u.received_at))::bigint AS received_epoch,
       floor(extract(epoch FROM u.arrived_at))::bigint AS arrived_epoch,
       floor(extract(epoch FROM u.dismantled_at))::bigint AS dismantled_epoch
FROM recycling_unit u
JOIN recycling_order o ON o.id = u.order_id
JOIN recycling_quote q ON q.id = u.final_quote_id
