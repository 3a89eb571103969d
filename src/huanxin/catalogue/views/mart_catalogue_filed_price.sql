-- title: Filed prices on [from_on, to_on); org_id is null for the maker's guide price
SELECT model_id, org_id, price_fen, from_on, to_on FROM catalogue_filedprice
