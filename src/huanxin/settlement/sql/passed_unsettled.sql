-- title: Subsidy and vouchers of a shop's claims that passed and that no payment has taken yet
SELECT coalesce(sum(c.subsidy_fen + c.trade_in_fen), 0)::bigint
FROM mart_claims_claim c
WHERE c.merchant_id = %(org_id)s AND c.is_cleared AND NOT c.is_released
  AND (c.region_path = %(path)s OR c.region_path LIKE %(below)s)
