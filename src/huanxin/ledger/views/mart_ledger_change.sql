-- title: Every row of the ledger in the order of its transactions, with the day of the hold it resolves
SELECT t.id AS row_id, t.tx, t.made_on, p.made_on AS held_on
FROM ledger_transfer t
LEFT JOIN ledger_transfer p ON p.id = t.pending_id
