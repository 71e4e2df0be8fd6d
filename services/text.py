"""Text from outside, made safe to show: no control character, no escape sequence, no secret.

Widgets draw the result as plain text, never as markup.
"""

from __future__ import annotations

import re

REDACTED = "<redacted>"

# Controls (Cc), line and paragraph separators, lone surrogates, and what is "default ignorable" (Unicode 16,
# DerivedCoreProperties.txt): soft hyphen, joiners, bidirectional controls, fillers, variation selectors, tags.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ud800-\udfff]"
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
    if code in (0xFE0E, 0xFE0F):
        # text or emoji style: harmless, but terminals and Textual disagree about its width (Textualize/textual#5980)
        return ""
    return "␡" if code == 0x7F else f"‹U+{code:04X}›"


def safe(text: str) -> str:
    """Make control characters, escapes and bidirectional marks visible; a newline becomes ⏎, a tab one space."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_visible, text)


def safe_each(text: str) -> str:
    """As `safe`, but one character for each: for text that is edited, where positions count."""
    return _UNSAFE.sub(lambda match: seen if len(seen := _visible(match)) == 1 else "�", text)


_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECRET_NAME = re.compile(
    r"(?:^|[_\-. ])(?:pass(?:word|wd|phrase|code)?|pwd|secret|"
    r"(?<!pad[_\-. ])(?<!eos[_\-. ])(?<!bos[_\-. ])(?<!unk[_\-. ])(?<!sep[_\-. ])(?<!cls[_\-. ])(?<!mask[_\-. ])token|"
    r"(?:api|access|account|private|storage|shared|subscription|encryption|signing|ssh|master|admin)[_\-]?key|"
    r"apikey|conn(?:ection)?[_\-]?str(?:ing)?|credentials?|sas)(?:$|[_\-. ])"
)


def is_secret_name(name: str) -> bool:
    """Whether a variable of that name probably holds a secret: DB_PASSWORD, api-key, clientSecret, HF_TOKEN."""
    # PWD is the working directory
    return name != "PWD" and _SECRET_NAME.search(_CAMEL.sub("_", name).lower()) is not None


# What is no secret though it stands where one would: a reference to a variable, a type, a call that fetches it.
_ELSEWHERE = (
    r"(?!<redacted>|\$\{|\$\(|\$[A-Z_]{2}|%\(|\{\w*\}|(?:true|false|null|none|str|bytes|int|float|bool|string|any|optional)\b|"
    r"(?:os|args|self|getpass|config|settings|keyring)\b[.\[(])"
)
_KEY_WORDS = (
    r"(?:password|passwd|passphrase|secret|(?<!pad_)(?<!eos_)(?<!bos_)(?<!unk_)(?<!sep_)(?<!cls_)(?<!mask_)token|"
    r"(?:api|access|account|private|storage|subscription|encryption|signing)[_-]?key)"
)
# A line of a key in PEM, met without the lines around it: RFC 7468 has 64 characters, OpenSSH 70; not a hash, in hex.
_PEM_LINE = (
    r"(?m)^([ \t]{0,16})(?=[^A-Z\n]{0,70}[A-Z])(?=[^a-z\n]{0,70}[a-z])[A-Za-z0-9+/]{64}(?:[A-Za-z0-9+/]{6})?\r?$"
)
_PEM = r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
# No pattern has a repetition before its first fixed word: a line of a megabyte takes one pass each.
_SECRETS = (
    # the signature of a shared access signature; Azure Storage, "Create a service SAS"
    (re.compile(r"(?i)([?&;]sig=|(?<![a-z])sig=(?=[^&\s\"']{16}))[^&\s\"']+"), rf"\1{REDACTED}"),
    # connection strings; Azure Storage, "Configure a connection string"
    (re.compile(r"(?i)((?:Account|SharedAccess|Primary|Secondary)Key=)[A-Za-z0-9+/=]{16,}"), rf"\1{REDACTED}"),
    (re.compile(r"(?i)(SharedAccessSignature=)[^;\s\"']+"), rf"\1{REDACTED}"),
    (re.compile(r"(?i)\b(Bearer\s{1,4})[A-Za-z0-9\-._~+/]{8,}=*"), rf"\1{REDACTED}"),
    # a JSON Web Token: RFC 7519
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), REDACTED),
    # an account key: 64 bytes in base64
    (re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{86}==(?![A-Za-z0-9+/=])"), REDACTED),
    # the password in a URL
    (re.compile(r"(://[^/\s:@\"']{0,200}:)(?!<redacted>)[^/\s@\"']{1,500}@"), rf"\1{REDACTED}@"),
    # tokens that tell by their first letters whose they are: GitHub, Hugging Face, OpenAI, Slack, AWS, Databricks
    (
        re.compile(
            r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|hf_[A-Za-z0-9]{20,}|sk-(?:proj-|ant-)?[A-Za-z0-9]{20,}|"
            r"xox[abprs]-[\w-]{10,}|AKIA[0-9A-Z]{16}|dapi[0-9a-f]{32})"
        ),
        REDACTED,
    ),
    (re.compile(rf"{_PEM}[^-]*-----END", re.DOTALL), rf"-----BEGIN PRIVATE KEY-----{REDACTED}-----END"),
    (re.compile(_PEM_LINE), rf"\1{REDACTED}"),
    # password=..., "api_key": "...", --token ...
    (
        re.compile(rf"(?i)({_KEY_WORDS}[\"']?\s{{0,4}}[=:]\s{{0,4}})([\"']){_ELSEWHERE}[^\"'\n]{{1,2000}}\2"),
        rf"\1\2{REDACTED}\2",
    ),
    (re.compile(rf"(?i)({_KEY_WORDS}[\"']?\s{{0,4}}[=:]\s{{0,4}}){_ELSEWHERE}[^\s\"',;&)}}]{{3,}}"), rf"\1{REDACTED}"),
    (
        re.compile(rf"(?i)(--[a-z-]{{0,30}}?{_KEY_WORDS}\s{{1,4}})(?!-){_ELSEWHERE}[^\s\"',;&)}}]{{3,}}"),
        rf"\1{REDACTED}",
    ),
)
_HINT = re.compile(
    r"(?i)sig=|key|sharedaccess|bearer|eyJ|==|://|passw|passphrase|secret|token|gh[pousr]_|github_pat|hf_|sk-|xox|akia|dapi|"
    r"(?m:^[ \t]{0,16}[A-Za-z0-9+/]{64}(?:[A-Za-z0-9+/]{6})?\r?$)"
)


def masked(text: str) -> str:
    """Replace secrets (account keys, SAS signatures, passwords, tokens) by <redacted>."""
    if _HINT.search(text) is None:
        return text
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text
