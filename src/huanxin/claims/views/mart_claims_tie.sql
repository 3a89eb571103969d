-- title: What each sale shares with others: device, phone, card, address, IP, photo (as keys only)
SELECT t.sale_id, t.person_pseudonym, t.merchant_id, t.kind, t.key, t.at_epoch
FROM claims_tie t
