"""Writes of indicators: rollups, targets, other cities' numbers, forecasts."""
