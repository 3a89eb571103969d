-- title: Filed prices on [from_on, to_on); org_id is null for the maker's guide price
SELECT model_id, org_id, price_fen, from_on, to_on,
       CAST(extract(epoch FROM from_on) AS bigint) AS from_epoch,
       CAST(extract(epoch FROM to_on) AS bigint) AS to_epoch
FROM catalogue_filedprice
