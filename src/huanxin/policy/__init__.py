"""Policy: programmes as dated rules, quotes and their explanations."""
