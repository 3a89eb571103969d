"""Vouchers: pools, flash claim, redeem, expire; rights and device locks."""
