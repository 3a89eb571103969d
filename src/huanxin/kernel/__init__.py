"""Kernel: no domain, only what every room stands on (ids, clock, money, audit, feed, crypto)."""
