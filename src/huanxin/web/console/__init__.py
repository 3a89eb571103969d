"""Pages of government: review, pools and budgets, settlement, policies, organisations, audit."""
