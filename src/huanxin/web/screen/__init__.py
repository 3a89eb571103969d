"""Screens: the walls of province, city and county, and the rows behind each of their numbers."""
