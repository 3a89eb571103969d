-- id: mart_recycling_resale
-- title: refurbished units sold to be used again
SELECT s.id AS sale_id, s.number, u.unit_code, s.next_code, u.waste_class_code, u.category_code,
       s.organisation_id AS depot_org_id, o.region_path, s.price_fen, s.warranty_until, s.sold_on,
       floor(extract(epoch FROM s.sold_at))::bigint AS sold_epoch
FROM recycling_renewalsale s
JOIN recycling_unit u ON u.id = s.unit_id
JOIN recycling_order o ON o.id = u.order_id
