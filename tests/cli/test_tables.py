"""`lapis data preview`, `profile` and `diff`, on files and on versions of an asset."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Run
from tests.support.web_server import web_server


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A small table with gaps and an escape sequence."""
    path = tmp_path / "people.csv"
    path.write_text("name,age,city\nAda,36,London\nGrace,85,\x1b[31mred\nAlan,41,\nEdsger,72,\n", encoding="utf-8")
    return path


def test_rows_are_printed_filtered_and_sorted(run: Run, people: Path) -> None:
    done = run(
        "data", "preview", people, "--filter", "age > 40", "--sort", "age:desc", "--rows", 2, "--columns", "age", "name"
    )
    assert done.code == 0
    assert done.out.splitlines() == ["age  name", "---  ------", " 85  Grace", " 72  Edsger"]
    assert "2 rows of 3" in done.err


def test_rows_as_json_have_types_and_no_escape_sequence(run: Run, people: Path) -> None:
    done = run("data", "preview", people, "-o", "json", "--offset", 1, "--rows", 2)
    assert done.json == [{"name": "Grace", "age": 85, "city": "\x1b[31mred"}, {"name": "Alan", "age": 41, "city": None}]
    assert "\x1b" not in done.out
    assert "\x1b" not in run("data", "preview", people).out


def test_a_profile_tells_of_each_column(run: Run, people: Path) -> None:
    done = run("data", "profile", people)
    assert done.out.splitlines()[2].split() == ["name", "string", "0", "4", "Ada", "Grace", "id"]
    assert "all 4 rows" in done.err
    document = yaml.safe_load(run("data", "profile", people, "--columns", "age", "city", "-o", "yaml").out)
    age, city = document["columns"]
    assert (age["minimum"], age["mean"], age["maximum"], age["quantiles"]["0.5"]) == (36, 58.5, 85, 56.5)
    assert (city["nulls"], city["distinct"]) == (2, 2)
    assert (document["rows"], document["is_sample"]) == (4, False)
    people.write_text("id\n1000001\n1000003\n1000004\n")
    (numbers,) = run("data", "profile", people, "-o", "json").json["columns"]
    assert (numbers["mean"], numbers["quantiles"]["0.5"]) == (1000002.67, 1000003)


def test_versions_of_an_asset_are_compared(run: Run, people: Path) -> None:
    assert run("data", "create", "--name", "people", "--path", people).code == 0
    people.write_text(
        people.read_text(encoding="utf-8").replace("age", "years") + "Barbara,30,Boston\n", encoding="utf-8"
    )
    assert run("data", "create", "--name", "people", "--path", people).code == 0

    done = run("data", "diff", "azureml:people:1", "azureml:people:2", "-o", "json")

    assert (done.json["rows_before"], done.json["rows_after"]) == (4, 5)
    changes = {column["name"]: column["changes"] for column in done.json["columns"]}
    assert list(changes) == ["name", "age", "city", "years"]
    assert changes["age"] == ["gone"]
    assert changes["years"] == ["new"]
    assert "distinct 2 → 3" in changes["city"]
    table = run("data", "diff", "azureml:people:1", "azureml:people@latest")
    assert "4 rows → 5 rows; 4 of 4 columns differ" in table.err
    assert len(run("data", "preview", "azureml:people", "-o", "json").json) == 5


def test_a_table_on_the_web_needs_no_workspace(run: Run) -> None:
    with web_server() as web:
        printed = run("data", "preview", web.put("t.csv", b"a,b\n1,x\n"), "-o", "json")
        assert printed.json == [{"a": 1, "b": "x"}]
        refused = run("data", "preview", f"{web.address}/gone.csv?sig=secretsecretsecret")
    assert refused.code == 1
    assert "127.0.0.1 answered 404" in refused.err
    assert "secretsecret" not in refused.err


def test_a_folder_with_an_mltable_and_one_with_tables(run: Run, people: Path) -> None:
    assert len(run("data", "preview", people.parent, "-o", "json").json) == 4
    (people.parent / "MLTable").write_text(
        "paths: [{file: people.csv}]\ntransformations: [read_delimited, {take: 1}]\n", encoding="utf-8"
    )
    assert len(run("data", "preview", people.parent, "-o", "json").json) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("preview", "gone.csv"), "There is no file"),
        (("preview", "azureml:nobody"), "nobody"),
        (("preview", "{people}", "--filter", "__import__('os')"), "no function __import__ (at character 1)"),
        (("preview", "{people}", "--sort", "gone"), "no column named gone"),
        (("profile", "{people}", "--columns", "Age"), "no column named Age"),
        (("diff", "{people}", "{folder}"), "is a folder without an MLTable file"),
    ],
)
def test_what_goes_wrong_is_told(run: Run, people: Path, arguments: tuple[str, ...], words: str) -> None:
    folder = people.parent / "empty"
    folder.mkdir()
    done = run("data", *(argument.format(people=people, folder=folder) for argument in arguments))
    assert (done.code, done.out) == (1, "")
    assert words in done.err
