-- title: A batch's ties as its papers say now, and the things they share
DELETE FROM claims_tie WHERE sale_id = ANY(%(sales)s::uuid[]);
INSERT INTO claims_tie (sale_id, person_pseudonym, merchant_id, kind, key, at_epoch)
{ties_of};
INSERT INTO ring_key SELECT DISTINCT t.kind, t.key FROM claims_tie t
WHERE t.sale_id = ANY(%(sales)s::uuid[]);
