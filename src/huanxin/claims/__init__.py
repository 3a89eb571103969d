"""Claims: subsidised sales, evidence, checks, review."""
