"""Which texts are dates to `date()`, in a view as in a recipe: regular expressions that Python and Rust read alike."""

from __future__ import annotations

DATE_YEARS = (1700, 2199)
"""The first and the last year: whole centuries of what pandas 2 holds, so that each version gives the same."""
DATE = r"(?:1[7-9]|2[01])\d\d-\d\d-\d\d(?:[ T]\d\d:\d\d(?::[0-5]\d(?:\.\d{1,9})?)?)?"
"""`2024-01-31`, `2024-01-31 12:30`, `2024-01-31T12:30:05.123456`."""
OFFSET = r"(?:Z|[+-]\d\d:\d\d)?"
"""May follow, and is left out, so that the time is the one that is written: a column has no time zone for each row."""
DATE_LENGTH = 26
"""Characters up to microseconds; what is finer is left out."""
