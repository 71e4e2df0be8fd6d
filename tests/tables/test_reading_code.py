"""Code that reads a table is code, and reads it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from services.entities.tables import FOUND_OUT, TableOptions
from services.tables.reading_code import reading_code
from services.targets import AzureTarget


@pytest.mark.parametrize("format_", ["CSV", "TSV", "JSON", "JSON lines", "Parquet", "Arrow", "Excel", "MLTable"])
@pytest.mark.parametrize("source", ["/data/o'clock.csv", "azureml:titanic:1", "azureml:titanic@latest"])
def test_it_is_python(source: str, format_: str) -> None:
    target = AzureTarget("sub", "group", "ws")
    for label, code in reading_code(source, format_, FOUND_OUT, target).items():
        ast.parse(code)
        assert ("ml_client.data.get('titanic'" in code) == source.startswith("azureml:")
        assert label in ("pandas", "PySpark", "mltable")


def test_a_place_in_a_datastore_is_named_with_its_workspace() -> None:
    target = AzureTarget("sub", "group", "ws")
    code = reading_code("azureml://datastores/raw/paths/a/t.csv", "CSV", FOUND_OUT, target)["pandas"]
    uri = "azureml://subscriptions/sub/resourcegroups/group/workspaces/ws/datastores/raw/paths/a/t.csv"
    assert f"azureml-fsspec\nimport pandas as pd\n\ndf = pd.read_csv({uri!r})" in code


def test_pandas_reads_what_the_screen_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("a;é\n1;x\n".encode("latin-1"))
    options = TableOptions(separator=";", encoding="latin-1", header=False, infers=False)
    code = reading_code(str(path), "CSV", options)["pandas"]
    assert "sep=';', encoding='latin-1', header=None, dtype=str" in code
    exec(code, {})
    assert capsys.readouterr().out.split() == ["0", "1", "0", "a", "é", "1", "1", "x"]
