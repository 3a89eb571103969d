"""Everything that may happen to batches, payments and claw-backs, a module an aggregate."""
