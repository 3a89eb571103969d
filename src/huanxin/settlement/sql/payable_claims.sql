-- title: Cleared claims of a programme in a region that no batch has yet
SELECT c.claim_id, c.sale_id, c.merchant_id, c.subsidy_fen, c.trade_in_fen,
       c.consumption_fen + c.tender_fen AS consumption_fen, c.version_hash
FROM mart_claims_claim c
WHERE c.is_cleared AND NOT c.is_released AND c.programme = %(programme)s
  AND (c.region_path = %(region_path)s OR c.region_path LIKE %(below)s)
  AND NOT EXISTS (
      SELECT 1 FROM settlement_item i
      WHERE i.claim_id = c.claim_id AND i.state IN ('taken', 'paid')
  )
ORDER BY c.sold_epoch, c.number
