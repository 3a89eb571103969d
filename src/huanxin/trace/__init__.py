"""Trace: thing facts: EPCIS 2.0 events, unit passports."""
