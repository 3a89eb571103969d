"""Messages: one page for every party, in its own shell."""
