"""Project: settings, urls, embedded PostgreSQL, command line."""
