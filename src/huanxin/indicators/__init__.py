"""Indicators: metric definitions, one per number the platform shows."""
