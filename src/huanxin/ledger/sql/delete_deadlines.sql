-- title: Holds that were resolved wait for no end any more
DELETE FROM ledger_deadline WHERE transfer_id = ANY(%(ids)s::bigint[])
