"""Text from outside: what is made visible, what is masked, and what is left alone."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text import is_secret_name, masked, safe

KEY = "Zm9vYmFy" * 10 + "Zm9vYg" + "=="
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [bold]text[/bold]", "plain [bold]text[/bold]"),
        ("naïve 漢字 😀 ½", "naïve 漢字 😀 ½"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]52;c;AAAA\x07", "␛]52;c;AAAA␇"),
        ("\x9b2J", "‹U+009B›2J"),
        ("a\r\n\tb\x7f", "a␍⏎ b␡"),
        ("gnp\u202ejpg.exe", "gnp‹U+202E›jpg.exe"),
        ("a\u200bb\u2066c\u200d", "a‹U+200B›b‹U+2066›c‹U+200D›"),
        ("❤️", "❤"),
        ("tag\U000e0041", "tag‹U+E0041›"),
        ("lone\udcff", "lone‹U+DCFF›"),
        ("", ""),
    ],
)
def test_safe(text: str, shown: str) -> None:
    """Nothing that a terminal would obey is left, and ordinary text is as it was."""
    assert safe(text) == shown


@given(st.text())
def test_safe_leaves_no_control(text: str) -> None:
    """For any text: no control, separator, surrogate or bidirectional control; doing it twice changes nothing."""
    result = safe(text)
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") for c in result)
    turning = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not turning & {unicodedata.bidirectional(c) for c in result}
    assert safe(result) == result


SECRETS = {
    "https://acct.blob.core.windows.net/c/f.csv?sv=2022&sig=abc%2Bdef%3D&se=1": "abc%2Bdef",
    f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={KEY};EndpointSuffix=core.windows.net": KEY,
    f"key is {KEY}.": KEY,
    "Authorization: Bearer abcdef0123456789": "abcdef0123456789",
    f"got {JWT}": JWT,
    "postgresql://me:hunter2@db:5432/x": "hunter2",
    "redis://:hunter2@cache:6379": "hunter2",
    "DB_PASSWORD=hunter2": "hunter2",
    "password: 'correct horse battery'": "horse",
    '{"api_key": "0123456789abcdef", "n": 1}': "0123456789abcdef",
    "python train.py --api-key 0123456789 --reg 0.1": "0123456789",
    "curl -H 'Ocp-Apim-Subscription-Key: 0123456789abcdef'": "0123456789abcdef",
    "token=abcdef": "abcdef",
    "cloning https://ghp_0123456789abcdefghijABCDEFGHIJ012345@github.com/a/b": "ghp_0123456789",
    "HF: hf_abcdefghijklmnopqrstuvwxyzABCD": "hf_abcdef",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----": "MIIabc",
    "MIIEpAIBAAKCAQEAx7hJkQw0pWq3z9Yk1mN8vB2cD4eF6gH8iJ0kL2mN4oP6qR8s": "MIIEpAIBAAKCAQEA",
    "key: |\n  " + "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW"[:70]: "b3BlbnNzaC1rZXktdjE",
}


@pytest.mark.parametrize("text", SECRETS)
def test_secrets_are_masked(text: str) -> None:
    """The secret is gone, the words around it stay, and doing it twice changes nothing."""
    result = masked(text)
    assert SECRETS[text] not in result
    assert "<redacted>" in result
    assert masked(result) == result


ORDINARY = (
    "commit 3b5d5c0a9f0e4c7d8b6a1f2e3d4c5b6a7f8e9d0c",
    "run 0b1f6a8e-7c3d-4a55-9d58-6a0d1a6c9d11",
    "jobs/plucky_olive_7f3k2/outputs/artifacts/paths/model/",
    "azureml://datastores/workspaceblobstore/paths/LocalUpload/0123456789abcdef0123456789abcdef/src",
    "https://ml.azure.com/runs/x?wsid=/subscriptions/0/resourcegroups/rg",
    "max_tokens=512, pad_token=<pad>, tokens: 128, tokenizer=bert",
    "sklearn 1.5 KeyError: 'Diabetic'",
    "def connect(user: str, password: str | None = None) -> None:",
    "password=os.environ['DB_PASSWORD']",
    "--token ${{inputs.token}} and $TOKEN",
    "MONKEY=banana key=value sort_key: age",
    "secretary: Ann, tokenised: yes",
    "2026-01-01T10:00:00 INFO http://localhost:5000/a@b",
    "sigma=0.1 sig=0.05",
    "x == y and a != b",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "=" * 64,
)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_left_alone(text: str) -> None:
    """No hash, id, path, code or word is taken for a secret."""
    assert masked(text) == text


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD",
        "api-key",
        "apiKey",
        "HF_TOKEN",
        "clientSecret",
        "AZURE_STORAGE_KEY",
        "DB_PWD",
        "CONNECTION_STRING",
        "token",
        "SAS_TOKEN",
    ],
)
def test_secret_names(name: str) -> None:
    """Names of variables that hold secrets."""
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["reg_rate", "PWD", "TOKENIZERS_PARALLELISM", "pad_token", "PATH", "key", "monkey", "passenger"]
)
def test_ordinary_names(name: str) -> None:
    """Names of variables that don't."""
    assert not is_secret_name(name)


PIECES = (
    *("a", "a.", "eyJ", "://", "://a:", "password", "password=", "--", "--token ", "sig=", "=", "A", "Bearer "),
    *("-----BEGIN PRIVATE KEY-----", "aB/" * 20 + "abcd\n", "\t\n", "\x1b", "\u202e", 'key="', "token: '"),
)


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_line_takes_little_time(piece: str) -> None:
    """No pattern runs away on a long line of one kind."""
    text = piece * (300_000 // len(piece))
    began = time.process_time()
    masked(text)
    safe(text)
    assert time.process_time() - began < 3
