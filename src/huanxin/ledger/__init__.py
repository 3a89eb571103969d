"""Ledger: money facts: accounts, two-phase transfers, double entry."""
