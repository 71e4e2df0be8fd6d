"""Text from outside, made safe to show: no control character, no escape sequence, no secret.

Widgets draw the result as plain text, never as markup.
"""

from __future__ import annotations


def safe(text: str) -> str:
    """Make control characters, escapes and bidirectional marks visible; a newline becomes ⏎, a tab one space."""
    raise NotImplementedError


def masked(text: str) -> str:
    """Replace secrets (account keys, SAS signatures, passwords, tokens) by <redacted>."""
    raise NotImplementedError
