"""Outreach: what people and firms are told, invited to, and what a station does for them."""
