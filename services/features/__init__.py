"""Which columns tell something about a target, and what a table tells under differential privacy."""
