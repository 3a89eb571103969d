"""Supervision: alerts that someone answers for, and the thresholds that raise them."""
