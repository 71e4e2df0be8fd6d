"""Tables, wherever they lie: open, page, count."""
