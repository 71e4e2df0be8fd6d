"""The pyspark.pandas script of each step, run by Spark in its own environment, gives the rows that pandas gives."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from services.wrangling.recipe import parse_recipe
from services.wrangling.script import Engine, script
from tests.support.spark import spark_python, why_no_spark
from tests.wrangling.cases import CASES, Case, shown
from tests.wrangling.test_script import TITANIC

RUNNER = Path(__file__).parent / "spark_cases.py"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def python() -> str:
    """The interpreter of Spark's environment."""
    if reason := why_no_spark():
        pytest.skip(reason)
    return spark_python()


def run_spark(python: str, *arguments: object) -> str:
    environment = {**os.environ, "PYSPARK_PYTHON": python, "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(
        [python, *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def answers(python: str, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """What Spark makes of each case, in one session."""
    from tests.wrangling.cases import OTHER, OTHER_NAME, TABLE

    folder = tmp_path_factory.mktemp("spark")
    (folder / "table.csv").write_text(TABLE, encoding="utf-8")
    (folder / OTHER_NAME).write_text(OTHER, encoding="utf-8")
    for number, case in enumerate(CASES):
        (folder / f"case_{number:03}.py").write_text(script(parse_recipe(case.yaml), Engine.PYSPARK), encoding="utf-8")
    run_spark(python, RUNNER, folder)
    found: Mapping[str, Any] = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_spark_gives_the_same_rows(number: int, answers: Mapping[str, Any]) -> None:
    """In any order but that of a sort; numbers are compared as numbers, whatever their type."""
    case: Case = CASES[number]
    answer = answers[f"case_{number:03}"]
    assert "error" not in answer, answer["error"]
    names = answer["columns"]
    rows = [[shown(row[names.index(name)], exact=False) for name in case.columns.split("|")] for row in answer["rows"]]
    expected = [[shown(None if cell == "_" else cell, exact=False) for cell in row] for row in case.expected]
    if case.in_spark:
        assert rows == expected if "step: sort" in case.steps else sorted(rows) == sorted(expected)
    else:
        assert 0 < len(rows) <= 5


def test_titanic_keeps_712_rows_in_spark_too(python: str, shared_data: Path, tmp_path: Path) -> None:
    code = tmp_path / "wrangle.py"
    code.write_text(script(parse_recipe(TITANIC), Engine.PYSPARK), encoding="utf-8")
    out = run_spark(python, code, "--input", shared_data / "titanic.csv", "--output", tmp_path / "titanic.parquet")
    told = json.loads(out.splitlines()[-1])
    assert (told["rows_read"], told["rows_written"]) == (891, 712)
