"""Claims: subsidised sales, their evidence, the checks over them, and human review."""
