"""Open and page tables wherever they lie, with pandas' meaning of what is missing."""
