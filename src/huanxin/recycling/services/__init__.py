"""Everything that may happen to an old unit between the owner's door and its remains.

One module a place: preparing, quoting, booking, dispatching, visiting, storing, dismantling. The
public verbs take batches and are all or none. Each: permit, lock, replay, decide, write, audit.
"""
