"""Expressions in commands: what is found, what is put in their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import SpecError
from services.specs.expressions import placeholders, substitute

KEYS = st.from_regex(r"(inputs|outputs)\.[a-z][a-z0-9_]{0,8}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("python train.py", []),
        ("--data ${{inputs.data}}", ["inputs.data"]),
        ("${{ inputs.a }}${{outputs.b}}", ["inputs.a", "outputs.b"]),
        ("${{inputs.group.rate}} ${{name}} ${{search_space.lr}}", ["inputs.group.rate", "name", "search_space.lr"]),
        ("$HOME ${HOME} $(date) {{inputs.x}} $ {{inputs.y}}", []),
        ("${{inputs.a}} ${{inputs.a}}", ["inputs.a", "inputs.a"]),
        ("a\n${{\n  inputs.long\n}}\nb", ["inputs.long"]),
    ],
)
def test_placeholders(text: str, keys: list[str]) -> None:
    """Only `${{...}}` is one; blanks within the braces do not count."""
    assert [found.key for found in placeholders(text)] == keys
    assert all(found.is_wellformed for found in placeholders(text))


@pytest.mark.parametrize("key", ["", "inputs.", "inputs..x", "inputs.2nd", "inputs.a b", "inputs['a']", "1"])
def test_a_malformed_key_is_told_apart(key: str) -> None:
    """It is still found, so that somebody can complain about it."""
    (found,) = placeholders(f"run ${{{{{key}}}}}")
    assert (found.key, found.is_wellformed) == (key, False)


def test_one_that_is_never_closed() -> None:
    """It keeps the rest of its line, and the ones before it are whole."""
    found = placeholders("${{inputs.a}} --b ${{inputs.b\n--c c")
    assert [(p.key, p.is_wellformed) for p in found] == [("inputs.a", True), ("inputs.b (never closed)", False)]


@given(st.lists(st.tuples(st.text(alphabet="ab ${}\n'\\[/", max_size=6).filter(lambda t: "${{" not in t), KEYS)))
def test_the_offsets_are_those_of_the_text(parts: list[tuple[str, str]]) -> None:
    """Each placeholder's slice of the text holds it, from `${{` to `}}`."""
    # a part that ends in `$` or in `${` would make another opening together with the braces that follow
    text = "".join(f"{before}|${{{{{key}}}}}" for before, key in parts)
    assert [text[p.start : p.end] for p in placeholders(text)] == [f"${{{{{key}}}}}" for _, key in parts]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("python t.py --r ${{inputs.r}}", "python t.py --r 0.1"),
        ("${{ inputs.r }}${{inputs.r}}", "0.10.1"),
        ("'${{inputs.odd}}'", r"'a b; rm -rf \1 \g<0> ${{inputs.r}}'"),
        ("nothing", "nothing"),
    ],
)
def test_values_go_in_as_they_are(text: str, result: str) -> None:
    """Not quoted, not read as a pattern, and not expanded a second time."""
    values = {"inputs.r": "0.1", "inputs.odd": r"a b; rm -rf \1 \g<0> ${{inputs.r}}"}
    assert substitute(text, values) == result


def test_every_key_without_a_value_is_named() -> None:
    """In one error."""
    with pytest.raises(SpecError) as caught:
        substitute("${{inputs.a}} ${{inputs.b}} ${{inputs.c}}", {"inputs.b": "1"})
    assert [str(fault) for fault in caught.value.faults] == [
        "command: ${{inputs.a}} has no value",
        "command: ${{inputs.c}} has no value",
    ]
