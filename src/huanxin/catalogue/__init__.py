"""Catalogue: what is traded: categories, product models, filed prices, waste classes."""
