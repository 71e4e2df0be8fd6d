"""A table as a recipe reads it: its dialect, and a file that the script understands."""

from __future__ import annotations

from pathlib import Path

from services.tables.opening import open_table
from services.wrangling.execution import read_sample
from services.wrangling.reading import read_options, sample_file
from services.wrangling.recipe import ReadOptions


async def test_the_dialect_of_a_text_is_found_and_read(tmp_path: Path) -> None:
    files = {
        "plain.csv": ("a,b\n1,é\n".encode(), ReadOptions()),
        "tabs.tsv": (b"a\tb\n1\tx\n", ReadOptions()),
        "german.csv": ("a;b\n1;é\n".encode("latin-1"), ReadOptions(";", "latin-1")),
        "rows.jsonl": (b'{"a": 1, "b": "x"}\n', ReadOptions()),
    }
    for name, (content, expected) in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        table = open_table(path)
        options = read_options(table)
        assert (name, options) == (name, expected)
        frame, _ = read_sample(await sample_file(table, 10), options, 10)
        assert list(frame.columns) == ["a", "b"]
        assert frame["b"][0] in ("é", "x")
        await table.close()


async def test_the_first_rows_of_an_mltable_are_a_file(tmp_path: Path) -> None:
    (tmp_path / "MLTable").write_text("paths: [{file: t.csv}]\ntransformations: [read_delimited, {take: 3}]\n")
    (tmp_path / "t.csv").write_text("a,b\n" + "1,x\n" * 5)
    table = open_table(tmp_path)
    path = await sample_file(table, 2)
    frame, more = read_sample(path, read_options(table), 10)
    assert (len(frame), more, list(frame.columns)) == (2, False, ["a", "b"])
    await table.close()
    assert not path.exists()
