"""Distributions as people type them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import SpecError
from services.specs.distribution_text import distribution_text, parse_distribution, parse_values
from services.specs.sweep import Distribution
from tests.specs.strategies import TEXT


@pytest.mark.parametrize(("text", "values"), [
    ("10,20,30", [10, 20, 30]),
    ("[10, 20, 30]", [10, 20, 30]),
    ("(.1, 1e-3)", [0.1, 0.001]),
    ("range(1,10)", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ("1..9", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ("range(3)", [0, 1, 2]),
    ("range(10, 0, -4)", [10, 6, 2]),
    ("adam, sgd", ["adam", "sgd"]),
    ("'a, b', \"1\", ''", ["a, b", "1", ""]),
    ("true, False", [True, False]),
    ("1,", [1]),
    ("one value", ["one value"]),
])  # fmt: skip
def test_values(text: str, values: list[Any]) -> None:
    found = parse_values(text)
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]
    assert parse_distribution(text) == Distribution("choice", values=found)


@pytest.mark.parametrize(("text", "told"), [
    ("", "expected values"), ("1,,2", "stands nothing"), ("'a' b, 1", "no text in quotes"),
    ("9..1", "there is no number"),
    ("range(1, 2, 0)", "not 0"), ("range(a)", "whole numbers"), ("1..99999999999999999999", "at most 10,000"),
    ("unifrom(0, 1)", "did you mean uniform?"), ("uniform(1)", r"expected uniform\(min_value, max_value\), got 1"),
    ("randint(1.5)", "upper is a whole number"), ("normal(a, 1)", "mu is a number"),
])  # fmt: skip
def test_what_means_nothing_says_why(text: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        parse_distribution(text)


@pytest.mark.parametrize(("text", "meant"), [
    ("uniform(0.01, 1)", Distribution("uniform", min_value=0.01, max_value=1)),
    ("QLogUniform(-5, -1, 2)", Distribution("qloguniform", min_value=-5, max_value=-1, q=2)),
    ("normal(10, 3)", Distribution("normal", mu=10, sigma=3)),
    ("randint(4)", Distribution("randint", upper=4)),
    ("choice(16, 32)", Distribution("choice", values=[16, 32])),
])  # fmt: skip
def test_distributions(text: str, meant: Distribution) -> None:
    assert parse_distribution(text) == meant
    assert parse_distribution(distribution_text(meant)) == meant


@given(st.lists(TEXT | st.integers(-(10**9), 10**9) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
                min_size=1, max_size=4))  # fmt: skip
def test_what_is_shown_means_the_same(values: list[Any]) -> None:
    assert parse_values(distribution_text(Distribution("choice", values=values))) == values
