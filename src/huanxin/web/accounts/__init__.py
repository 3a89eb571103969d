"""Accounts: one's own, colleagues', roles, keys, webhooks and lists; alike for every party."""
