"""Text from outside, made safe to show: no control character, no escape sequence, no secret.

Widgets draw the result as plain text, never as markup.
"""

from __future__ import annotations

import re

REDACTED = "<redacted>"

# C0, DEL, C1, soft hyphen, Arabic letter mark, zero width and bidirectional marks, line and paragraph separators,
# interlinear and tag characters, lone surrogates (Unicode 16, categories Cc, Cf, Zl, Zp, Cs).
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)


def _visible(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character == "\n":
        return "⏎"
    if character == "\t":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"‹U+{code:04X}›"


def safe(text: str) -> str:
    """Make control characters, escapes and bidirectional marks visible; a newline becomes ⏎, a tab one space."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_visible, text)


_SECRET_NAME = re.compile(
    r"(?i)(^|[_\-.])(pass(word|wd|phrase)?|pwd|secret|token|api_?key|access_?key|account_?key|private_?key|"
    r"client_?secret|connection_?string|credentials?|sas)($|[_\-.])"
)


def is_secret_name(name: str) -> bool:
    """Whether a variable of that name probably holds a secret: DB_PASSWORD, api-key, HF_TOKEN."""
    return _SECRET_NAME.search(name) is not None


_SECRETS = (
    # the signature of a shared access signature; Azure Storage, "Create a service SAS"
    (re.compile(r"(?i)([?&]sig=)[^&\s\"']+"), r"\1" + REDACTED),
    # connection strings; Azure Storage, "Configure a connection string"
    (re.compile(r"(?i)\b((?:Account|SharedAccess|Primary|Secondary)Key=)[A-Za-z0-9+/=]{16,}"), r"\1" + REDACTED),
    (re.compile(r"(?i)\b(SharedAccessSignature=)[^;\s\"']+"), r"\1" + REDACTED),
    (re.compile(r"(?i)\b(Bearer\s+)[A-Za-z0-9\-._~+/]{8,}=*"), r"\1" + REDACTED),
    # a JSON Web Token: RFC 7519
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), REDACTED),
    # an account key: 64 bytes in base64
    (re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])"), REDACTED),
    (re.compile(r"(://[^/\s:@\"']+:)[^/\s@\"']+(@)"), r"\1" + REDACTED + r"\2"),
    (
        re.compile(
            r"(?i)(\b[\w.-]*(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|account[_-]?key)"
            r"[\"']?\s*[=:]\s*[\"']?)(?!<redacted>)[^\s\"',;&}]{3,}"
        ),
        r"\1" + REDACTED,
    ),
)
_HINT = re.compile(r"(?i)sig=|key|sharedaccess|bearer|eyJ|==|://|passw|passphrase|secret|token")


def masked(text: str) -> str:
    """Replace secrets (account keys, SAS signatures, passwords, tokens) by <redacted>."""
    if _HINT.search(text) is None:
        return text
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
