-- title: Purchases with consumption vouchers and without a subsidy, and what came back of them
SELECT p.id AS purchase_id, p.number, p.org_id, p.person_id, p.category_code, p.price_fen,
       p.discount_fen, p.to_pay_fen, p.region_path,
       CAST(floor(extract(epoch FROM p.bought_at)) AS bigint) AS bought_epoch, p.bought_on,
       p.returned_fen, p.kept_discount_fen, p.released_at IS NOT NULL AS is_released,
       p.returned_fen = p.price_fen AS is_returned
FROM vouchers_purchase p
