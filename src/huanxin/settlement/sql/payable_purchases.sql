-- title: Purchases with consumption vouchers in a region that no batch has yet
SELECT NULL::uuid AS claim_id, p.purchase_id, p.org_id, 0::bigint AS subsidy_fen,
       0::bigint AS trade_in_fen, p.kept_discount_fen, %(programme)s AS version_hash
FROM mart_vouchers_purchase p
WHERE NOT p.is_released AND p.kept_discount_fen > 0
  AND (p.region_path = %(region_path)s OR p.region_path LIKE %(below)s)
  AND NOT EXISTS (
      SELECT 1 FROM settlement_item i
      WHERE i.sale_id = p.purchase_id AND i.state IN ('taken', 'paid', 'objected')
  )
ORDER BY p.bought_epoch, p.number
