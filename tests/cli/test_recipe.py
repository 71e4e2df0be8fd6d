"""`lapis recipe` and `lapis features`, which need no workspace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

RECIPE = """\
name: people
steps:
- {step: drop_missing}
- {step: sort, columns: [age]}
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "people.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("name,age\nAda,36\nGrace,\nBob,3\n", encoding="utf-8")
    return path


def test_a_recipe_is_run(run: Run, nowhere: Path, recipe: Path, table: Path, tmp_path: Path) -> None:
    done = run("recipe", "run", recipe, "-i", table, "-o", tmp_path / "out.csv")

    assert done.code == 0, done.err
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "name,age\nBob,3.0\nAda,36.0\n"
    assert (done.json["rows_read"], done.json["rows_written"], done.json["columns"]) == (3, 2, ["name", "age"])
    assert done.json["properties"]["lapis.recipe"] == "people"
    assert "about 0.2 GB of memory" in done.err
    assert not nowhere.exists()


def test_the_exported_script_runs_alone(run: Run, recipe: Path, table: Path, tmp_path: Path) -> None:
    code = tmp_path / "alone.py"
    code.write_text(run("recipe", "export", recipe).out, encoding="utf-8")
    command = [sys.executable, str(code), "--input", str(table), "--output", str(tmp_path / "alone.csv")]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "alone.csv").read_text(encoding="utf-8") == "name,age\nBob,3.0\nAda,36.0\n"


def test_a_spark_script_says_where_spark_differs(run: Run, recipe: Path) -> None:
    document = run("recipe", "export", recipe, "--to", "pyspark", "-o", "json").json
    note = "Rows that are equal by these columns may come in another order: Spark's sort is not stable."
    assert document["notes"] == [{"step": 1, "note": note}]
    assert f"# Step 2: {note}" in document["script"]
    assert "import pyspark.pandas as pd" in run("recipe", "export", recipe, "--to", "pyspark").out


def test_a_recipe_is_checked_alone_and_against_a_table(run: Run, recipe: Path, table: Path) -> None:
    assert run("recipe", "check", recipe).code == 0
    assert run("recipe", "check", recipe, "-i", table).code == 0
    table.write_text("name,aged\nAda,36\n", encoding="utf-8")
    done = run("recipe", "check", recipe, "-i", table)
    assert done.code == 1
    assert done.out == "error    steps[1].columns: there is no column age; did you mean aged?\n"
    recipe.write_text("steps: [{step: filter, where: __import__('os')}]", encoding="utf-8")
    found = run("recipe", "check", recipe, "-o", "json")
    assert found.code == 1
    assert found.json["result"] == "Failed"
    assert found.json["errors"][0]["path"] == "steps[0].where"


def test_what_cannot_be_run_is_told(run: Run, recipe: Path, table: Path, tmp_path: Path) -> None:
    missing = run("recipe", "run", recipe, "-i", tmp_path / "no.csv", "-o", tmp_path / "out.csv")
    assert (missing.code, missing.out) == (1, "")
    assert "There is no file" in missing.err
    recipe.write_text("steps: [{step: cast, columns: [name], type: number}]", encoding="utf-8")
    failed = run("recipe", "run", recipe, "-i", table, "-o", tmp_path / "out.csv")
    assert failed.code == 1
    assert "could not convert string to float" in failed.err
    assert not (tmp_path / "out.csv").exists()


def test_the_result_is_registered_here_or_by_a_job_that_made_version_2(run: Run, recipe: Path, table: Path) -> None:
    here = run("recipe", "run", recipe, "-i", table, "--register", "people", "--format", "csv")
    assert (here.code, here.json["output"], here.json["rows_written"]) == (0, "azureml:people:1", 2), here.err

    done = run("recipe", "run", recipe, "-i", "azureml:people:1", "--register", "people", "--job", "--stream")

    assert done.code == 0, done.err
    assert '"rows_read": 2, "rows_written": 2' in done.out
    made = run("data", "show", "-n", "people", "-o", "json").json
    assert (made["version"], made["properties"]["lapis.table"]) == ("2", "azureml:people:1")
    assert made["properties"]["lapis.job"].startswith(made["path"].split("/")[6])


@pytest.mark.parametrize(("options", "told"), [
    ([], "Give -o OUTPUT, --register NAME, or both"),
    (["-o", "x.csv", "--job"], "the result of a job is its output"),
    (["-o", "x.csv", "--engine", "spark"], "Spark runs recipes as jobs; add --job"),
    (["-o", "x.csv", "--instance-type", "standard_e4s_v3"], "--instance-type: it belongs to a job; add --job"),
])  # fmt: skip
def test_options_that_do_not_go_together(
    run: Run, nowhere: Path, recipe: Path, table: Path, options: list[str], told: str
) -> None:
    done = run("recipe", "run", recipe, "-i", table, *options)
    assert (done.code, done.out) == (1, "")
    assert told in done.err


def test_columns_are_scored_and_the_methods_disagree(run: Run, shared_data: Path) -> None:
    def best(method: str) -> tuple[str, float]:
        done = run(
            "features", "score", shared_data / "diabetes.csv", "--target", "Diabetic", "--method", method, "-o", "json"
        )
        first = done.json["scores"][0]
        return first["feature"], first["score"]

    assert best("pearson") == ("Pregnancies", 0.4052)
    assert best("chi2") == ("SerumInsulin", 77081.9849)
    assert best("permutation") == ("Pregnancies", 0.0588)


def test_scores_as_a_table_tell_what_was_left_out(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b,word,y\n1,5,x,0\n2,5,y,1\n2,5,z,1\n1,5,x,0\n", encoding="utf-8")
    done = run("features", "score", path, "--target", "y", "--top", "1")
    assert done.out.split() == ["Feature", "Score", "-------", "-----", "a", "1.0"]
    assert "word left out: no numbers" in done.err
    assert "b left out: the same value in each row" in done.err
    wrong = run("features", "score", path, "--target", "z")
    assert wrong.code == 1
    assert "no column z" in wrong.err
