"""Parquet, Arrow, JSON, folders, and what is no table."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

from services.errors import NoTableError, UserError
from services.tables.file_names import table_files
from services.tables.opening import table_place
from tests.support.entities import HOSTILE
from tests.tables.looks import Look, look


def types(found: Look) -> list[tuple[str, str, int]]:
    return [(column.name, column.type, column.nulls) for column in found.columns]


def write(folder: Path, name: str, content: str | bytes | object) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(content, str | bytes):
        content = json.dumps(content)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


class TestColumnar:
    @pytest.mark.parametrize("name", ["t.parquet", "t.pq", "t", "t.feather", "t.csv"])
    def test_types_values_and_missing(self, tmp_path: Path, name: str) -> None:
        import polars

        table = polars.DataFrame(
            {
                "i": polars.Series([1, None, 3], dtype=polars.Int32),
                "f": [0.5, float("nan"), None],
                "s": ["a", HOSTILE, None],
                "b": [True, None, False],
                "t": [datetime.datetime(2024, 1, 2, 3, 4, 5), None, None],
                "d": [datetime.date(2024, 1, 2), None, None],
                "l": [[1, 2], [], None],
                "c": polars.Series(["x", "y", None], dtype=polars.Categorical),
                "x": [b"\0\1", b"", None],
            }
        )
        path = tmp_path / name
        table.write_ipc(path) if name.endswith("feather") else table.write_parquet(path)
        found = look(path)
        assert types(found) == [
            ("i", "int32", 1),
            ("f", "float64", 2),
            ("s", "string", 1),
            ("b", "bool", 1),
            ("t", "datetime", 2),
            ("d", "date", 2),
            ("l", "list", 1),
            ("c", "category", 1),
            ("x", "binary", 1),
        ]
        first = ("1", "0.5", "a", "True", "2024-01-02 03:04:05", "2024-01-02", "[1, 2]", "x", "2 bytes")
        assert found.rows[0] == first
        assert found.rows[1][:4] == (None, None, HOSTILE, None)
        assert found.rows[2] == ("3", None, None, "False", None, None, None, None, None)
        assert found.total_rows == 3

    def test_the_count_is_that_of_the_file(self, tmp_path: Path) -> None:
        import polars

        polars.DataFrame({"n": range(10_000)}).write_parquet(tmp_path / "t.parquet")
        found = look(tmp_path / "t.parquet")
        assert (len(found.rows), found.total_rows) == (1000, 10_000)

    def test_no_rows(self, tmp_path: Path) -> None:
        import polars

        polars.DataFrame({"n": [1]}).clear().write_parquet(tmp_path / "t.parquet")
        found = look(tmp_path / "t.parquet")
        assert (types(found), found.rows, found.total_rows) == ([("n", "int64", 0)], (), 0)

    @pytest.mark.parametrize("name", ["t.parquet", "t*.parquet", "[a].parquet"])
    def test_a_damaged_one_tells_so(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(UserError, match="can't be read: parquet: File out of specification"):
            look(write(tmp_path, name, b"PAR1" + b"x" * 100))

    def test_a_name_is_no_pattern(self, tmp_path: Path) -> None:
        import polars

        polars.DataFrame({"n": [1]}).write_parquet(tmp_path / "[a]*.parquet")
        assert look(tmp_path / "[a]*.parquet").rows == (("1",),)
        polars.DataFrame({"n": [1]}).write_ipc(tmp_path / "[a]*.arrow")
        assert look(tmp_path / "[a]*.arrow").rows == (("1",),)


class TestJson:
    @pytest.mark.parametrize("name", ["t.jsonl", "t.ndjson", "t.json", "t.txt"])
    def test_a_value_on_each_line(self, tmp_path: Path, name: str) -> None:
        found = look(write(tmp_path, name, '{"a": 1, "b": "x"}\n\n{"a": 2.5, "c": {"d": null}}\n'))
        assert types(found) == [("a", "float64", 0), ("b", "string", 1), ("c", "string", 1)]
        assert found.rows == (("1.0", "x", None), ("2.5", None, '{"d": null}'))
        assert found.total_rows == 2

    @pytest.mark.parametrize("name", ["t.json", "t"])
    def test_an_array(self, tmp_path: Path, name: str) -> None:
        found = look(write(tmp_path, name, [{"a": n, "b": None, "c": n % 2 == 0} for n in range(2500)]))
        assert types(found) == [("a", "int64", 0), ("b", "float64", 2500), ("c", "bool", 0)]
        assert (len(found.rows), found.total_rows) == (1000, 2500)
        assert found.rows[-1] == ("999", None, "False")

    def test_an_object_is_a_row(self, tmp_path: Path) -> None:
        found = look(write(tmp_path, "t.json", {"accuracy": 0.77, "tags": ["a"], HOSTILE: None}))
        assert found.rows == (("0.77", '["a"]', None),)
        assert [column.name for column in found.columns] == ["accuracy", "tags", HOSTILE]

    def test_lines_that_are_none_are_told(self, tmp_path: Path) -> None:
        found = look(write(tmp_path, "t.jsonl", '{"a": 1}\nnonsense\n[1, 2]\n'))
        assert found.notes == ("line 2 is no JSON",)
        assert found.rows == (("1.0", None, None), (None, None, None), (None, "1.0", "2.0"))
        found = look(write(tmp_path, "u.jsonl", "{\n[1]\n{\n"))
        assert found.notes == ("2 lines are no JSON (the first is 1)",)

    def test_a_cut_array_shows_what_comes_before(self, tmp_path: Path) -> None:
        found = look(write(tmp_path, "t.json", '[{"a": 1}, {"a": 2}, {"a": '))
        assert found.rows == (("1",), ("2",))
        assert found.notes == ("the file is no whole JSON; shown is what comes before the fault",)

    @pytest.mark.parametrize("content", ["[]", "[ ]\n", "[[[" * 50_000, "nan", "", "{", "{}"])
    def test_odd_ones_do_no_harm(self, tmp_path: Path, content: str) -> None:
        try:
            found = look(write(tmp_path, "t.json", content))
        except UserError:
            return
        assert found.rows in ((), ((),))


def test_table_files_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "a/readme.md", "# data, of a kind\n")
    write(tmp_path, "a/part2.csv", "n\n2\n")
    write(tmp_path, "a/part1.csv", "n\n1\n")
    write(tmp_path, "b.jsonl.gz", b"no gzip")
    assert list(table_files(tmp_path)) == ["a/part1.csv", "a/part2.csv", "b.jsonl.gz"]
    assert table_place(tmp_path) == tmp_path / "a/part1.csv"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.png", b"\x89PNG\r\n\x1a\n" + bytes(11_992), "no table: PNG image, 12 kB"),
        ("x.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), "no table: PNG image, 108 bytes"),
        ("x.jpg", b"\xff\xd8\xff\xe0" + bytes(96), "no table: JPEG image, 100 bytes"),
        ("x.zip", b"PK\x03\x04" + bytes(96), "no table: ZIP archive, 100 bytes"),
        ("x.pkl", b"\x80\x05\x95" + bytes(97), "no table: pickle, 100 bytes"),
        ("x.bin", bytes(range(256)) * 8, "no table: binary file, 2.0 kB"),
        ("x.csv", bytes(range(256)) * 8, "no table: binary file, 2.0 kB"),
        ("x.txt", b"Only words, and more of them.\nNo table\n", "no table: text, 39 bytes"),
        ("x.md", b"# A title\n\nWords, here.\n", "no table: text/markdown, 24 bytes"),
    ],
)
def test_what_is_no_table(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(NoTableError, match=message):
        look(write(tmp_path, name, content))
