"""Measured promises. `make bench` runs all, `make bench ONLY=name` one.

A benchmark is a module with `measure() -> Iterable[Figure]`. It runs in a process of its own on a
fresh, durable, migrated embedded cluster (or on DATABASE_URL), with Django set up.
"""
