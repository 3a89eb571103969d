"""Everything that may happen to a budget, a pool, a right, a 焕新券 or a device lock.

One module an aggregate: budgeting, releasing, claiming, trading_in, till_codes, redeeming, lapsing.
"""
