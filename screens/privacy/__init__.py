"""What a table tells under differential privacy."""
