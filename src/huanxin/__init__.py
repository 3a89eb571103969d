"""Huanxin 焕新: the platform on which a city runs consumer-goods trade-in."""
