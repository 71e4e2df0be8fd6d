"""What to run, as data: the Azure ML CLI v2 YAML schemas."""
