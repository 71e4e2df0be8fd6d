"""Any row of any table."""
