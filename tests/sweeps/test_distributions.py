"""Values at points of the unit cube, and grids."""

from __future__ import annotations

import math
import re
import statistics
from pathlib import Path

import pytest
import yaml

from services.specs.sweep import ARGUMENTS, Distribution
from services.sweeps.distributions import draws, grid, grid_size, parameters_at, value_at

PAGE = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text("utf-8")
EXAMPLES = re.findall(r"^\| `(\{type: \w+, .*?\})` \| [^|]* \| ([\d.]+) \|$", PAGE, re.MULTILINE)


def choice(*values: object) -> Distribution:
    return Distribution("choice", values=list(values))


def test_the_page_has_an_example_of_every_distribution() -> None:
    assert [yaml.safe_load(text)["type"] for text, _ in EXAMPLES] == [
        *(name for name in ARGUMENTS if name in ("choice", "randint")),
        *("uniform", "quniform", "loguniform", "qloguniform", "normal", "qnormal", "lognormal", "qlognormal"),
    ]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_an_example_of_the_page(text: str, expected: str) -> None:
    value = value_at(Distribution(**yaml.safe_load(text)), 0.25)
    assert isinstance(value, int | float)
    assert f"{value:.6g}" == expected
    assert isinstance(value, int) is expected.isdigit() or "q: 0.5" in text


def test_both_ends_of_the_cube_are_values() -> None:
    assert [value_at(choice("a", "b"), point) for point in (0.0, 1.0)] == ["a", "b"]
    assert [value_at(Distribution("randint", upper=3), point) for point in (0.0, 1.0)] == [0, 2]
    normal = Distribution("normal", mu=0, sigma=1)
    assert -9 < float(value_at(normal, 0.0)) < -8 < 8 < float(value_at(normal, 1.0)) < 9


def test_draws_have_the_moments_of_their_distribution() -> None:
    normal = [float(value) for value in draws(Distribution("normal", mu=10, sigma=3), 2000)]
    assert statistics.fmean(normal) == pytest.approx(10, abs=0.2)
    assert statistics.stdev(normal) == pytest.approx(3, abs=0.2)
    small = [float(value) for value in draws(Distribution("loguniform", min_value=-5, max_value=-1), 500)]
    assert math.exp(-5) <= min(small) < 0.01 < 0.3 < max(small) <= math.exp(-1)
    assert draws(normal_of := Distribution("normal", mu=0, sigma=1), 3, seed=1) != draws(normal_of, 3, seed=2)


def test_another_base_of_logarithms() -> None:
    tens = Distribution("loguniform", min_value=-3, max_value=-1)
    assert value_at(tens, 0.5, 10) == pytest.approx(0.01)


def test_multiples_have_no_rounding_dust() -> None:
    assert value_at(Distribution("quniform", min_value=0, max_value=1, q=0.1), 0.3) == 0.3


def test_a_grid_goes_over_all_choices_in_order() -> None:
    space = {"reg": choice(0.01, 0.1, 1), "kind": choice("l1", "l2")}
    assert grid_size(space) == 6
    assert [parameters_at(space, point) for point in grid(space)] == [
        {"reg": reg, "kind": kind} for reg in (0.01, 0.1, 1) for kind in ("l1", "l2")
    ]


def test_a_grid_over_anything_else_is_impossible() -> None:
    assert grid_size({"a": choice(1), "b": Distribution("uniform", min_value=0, max_value=1)}) is None
    assert grid_size({}) is None
