"""Web: pages, one folder an audience."""
