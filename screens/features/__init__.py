"""What the columns of a table tell about a target."""
