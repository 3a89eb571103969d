"""Citizen: sell the old, claim the right, buy the new, and follow all three."""
