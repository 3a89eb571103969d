"""Recycling: valuation, orders, dispatch, pick-up, depots, lots, dismantling."""
