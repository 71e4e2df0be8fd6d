"""CSV and its kin, as pandas' read_csv reads them."""

from __future__ import annotations

import csv
import gzip
import io
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import UserError
from tests.support.entities import HOSTILE
from tests.tables.looks import Look, look


def read(folder: Path, content: str | bytes, name: str = "t.csv", limit: int = 1000) -> Look:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return look(folder / name, limit)


def types(found: Look) -> list[tuple[str, str, int]]:
    return [(column.name, column.type, column.nulls) for column in found.columns]


@pytest.mark.parametrize(
    ("content", "columns", "rows"),
    [
        ("a,b\n1,x\n2,\n", [("a", "int64", 0), ("b", "string", 1)], [("1", "x"), ("2", None)]),
        ("a\n1\n2.5\n", [("a", "float64", 0)], [("1.0",), ("2.5",)]),
        ("a\n1\nNA\n", [("a", "float64", 1)], [("1.0",), (None,)]),
        ("a\nTrue\nfalse\n", [("a", "bool", 0)], [("True",), ("False",)]),
        ("a\n2024-01-02\n2024-01-02T03:04:05Z\n", [("a", "string", 0)], [("2024-01-02",), ("2024-01-02T03:04:05Z",)]),
        ("a\n18446744073709551615\n", [("a", "uint64", 0)], [("18446744073709551615",)]),
        ("a\n007\n +5 \n", [("a", "int64", 0)], [("7",), ("5",)]),
        ("a\n1e3\n-inf\n", [("a", "float64", 0)], [("1000.0",), ("-inf",)]),
        ("a\n1.5\nnAn\n", [("a", "string", 0)], [("1.5",), ("nAn",)]),
        ("a\n1_000\n0x10\n", [("a", "string", 0)], [("1_000",), ("0x10",)]),
        ("a\n\u0661\n\xa01\n", [("a", "string", 0)], [("\u0661",), ("\xa01",)]),
        ("a,a,,a.1\n1,2,3,4\n", [(n, "int64", 0) for n in ("a", "a.1", "Unnamed: 2", "a.1.1")], [("1", "2", "3", "4")]),
        ('a,b\n"x\ny","p,""q"""\n', [("a", "string", 0), ("b", "string", 0)], [("x\ny", 'p,"q"')]),
        ("a,b\r\n1,2\r\n", [("a", "int64", 0), ("b", "int64", 0)], [("1", "2")]),
        ("a,b\r1,2\r", [("a", "int64", 0), ("b", "int64", 0)], [("1", "2")]),
        ("\n a,b\n\n  \n1,2\n", [(" a", "int64", 0), ("b", "int64", 0)], [("1", "2")]),
        ('a\n1\n""\n3\n', [("a", "float64", 1)], [("1.0",), (None,), ("3.0",)]),
        (
            "a,b\n1,2,3\n4,5,6\n",
            [(n, "int64", 0) for n in ("Unnamed: 0", "a", "b")],
            [("1", "2", "3"), ("4", "5", "6")],
        ),
        ("a,b\n1,2", [("a", "int64", 0), ("b", "int64", 0)], [("1", "2")]),
    ],
)
def test_types_values_and_missing(
    tmp_path: Path, content: str, columns: list[tuple[str, str, int]], rows: list[tuple[str | None, ...]]
) -> None:
    found = read(tmp_path, content)
    assert types(found) == columns
    assert list(found.rows) == rows
    assert found.total_rows == len(rows)
    assert all("told apart" in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "separator", "note"),
    [
        ("t.csv", ";", "fields are separated by a semicolon"),
        ("t.tsv", "\t", "fields are separated by a tab"),
        ("t.psv", "|", "fields are separated by a bar"),
        ("t.txt", ";", "fields are separated by a semicolon"),
        ("t", ",", ""),
    ],
)
def test_separators(tmp_path: Path, name: str, separator: str, note: str) -> None:
    lines = [["name", "price", "text"], ["a", "1,5", "one, two"], ["b", "2,5", "three"]]
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(lines)
    found = read(tmp_path, text.getvalue(), name)
    assert [column.name for column in found.columns] == lines[0]
    assert [list(row) for row in found.rows] == lines[1:]
    assert found.notes == ((note,) if note else ())


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("latin-1", "not UTF-8: read as Latin-1"),
        ("utf-16", "read as UTF-16"),
        ("utf-32", "read as UTF-32"),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, note: str) -> None:
    found = read(tmp_path, "größe,né\n1,é\n".encode(encoding))
    assert types(found) == [("größe", "int64", 0), ("né", "string", 0)]
    assert found.rows == (("1", "é"),)
    assert found.notes == ((note,) if note else ())


def test_gzip(tmp_path: Path) -> None:
    found = read(tmp_path, gzip.compress(b"a,b\n1,2\n" * 1), "t.csv.gz")
    assert found.rows == (("1", "2"),)
    broken = read(tmp_path, gzip.compress(b"a,b\n" + b"1,2\n" * 10_000)[:-20], "t.csv.gz")
    assert broken.rows[0] == ("1", "2.0")
    assert "gzip" in broken.notes[0]


@pytest.mark.parametrize("content", [b"a,b\n", b"\xef\xbb\xbfa,b"])
def test_a_header_alone(tmp_path: Path, content: bytes) -> None:
    found = read(tmp_path, content)
    assert (found.rows, found.total_rows) == ((), 0)
    assert [column.name for column in found.columns] == ["a", "b"]


@pytest.mark.parametrize(("content", "told"), [(b"", "it has no bytes"), (b"\n\r\n\n", "its lines are blank")])
def test_nothing(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(UserError, match=told):
        read(tmp_path, content)


def test_ragged_rows_are_shown_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, "a,b\n1,2\n3\n4,5,6\n7,8,9\n")
    assert found.rows == (("1", "2.0"), ("3", None), ("4", "5.0"), ("7", "8.0"))
    assert found.notes == (
        "2 rows (the first is 3) have more fields than the header has names; the surplus is not shown",
        "row 2 has fewer fields than the header has names; the rest is missing",
    )


def test_a_page_tells_how_many_there_are(tmp_path: Path) -> None:
    lines = [f'{n},"x\n{n}"' for n in range(2500)]
    found = read(tmp_path, "\n\n  \n".join(["a,b", *lines]) + "\n", limit=1000)
    assert (len(found.rows), found.total_rows) == (1000, 2500)
    assert found.rows[-1] == ("999", "x\n999")
    assert read(tmp_path, "a\n" + "1\n" * 1000, limit=1000).total_rows == 1000


def test_cells_of_a_megabyte(tmp_path: Path) -> None:
    began = time.process_time()
    found = read(tmp_path, "a,b\n" + f"{'x' * 1_000_000},1\n" * 20, limit=1000)
    assert len(found.rows) == 20
    assert all(row[0] is not None and len(row[0]) <= 2000 and row[0].endswith("…") for row in found.rows)
    assert time.process_time() - began < 5


def test_ten_thousand_columns(tmp_path: Path) -> None:
    row = ",".join(map(str, range(10_000)))
    found = read(tmp_path, "\n".join([row] * 302), limit=1000)
    assert (len(found.columns), len(found.rows)) == (10_000, 301)
    assert found.rows[-1][-1] == "9999"


def test_hostile_text_stays_data(tmp_path: Path) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([[HOSTILE, "b"], [HOSTILE, "=cmd()"]])
    found = read(tmp_path, text.getvalue())
    assert found.columns[0].name == HOSTILE
    assert found.rows == ((HOSTILE, "=cmd()"),)


def test_real_data(shared_data: Path) -> None:
    diabetes = look(shared_data / "diabetes.csv", 20_000)
    assert (len(diabetes.rows), len(diabetes.columns)) == (10_000, 10)
    assert {column.nulls for column in diabetes.columns} == {0}
    titanic = look(shared_data / "titanic.csv")
    assert (titanic.total_rows, len(titanic.columns)) == (891, 12)
    nulls = {column.name: column.nulls for column in titanic.columns if column.nulls}
    assert nulls == {"Age": 177, "Cabin": 687, "Embarked": 2}


INTEGERS = st.integers(-(2**63), 2**63 - 1).map(str)
FLOATS = st.floats().map(repr) | st.decimals(-1000, 1000, places=3, allow_nan=False).map(str)
# other separators would be guessed, and a file of many control characters is no text
WORDS = st.text(
    st.characters(exclude_characters=";|", exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=8
)
MISSING = st.sampled_from(["", "NA", "nan", "NULL", "None", "<NA>", "n/a", "-nan", "#N/A"])
COLUMNS = st.sampled_from([INTEGERS, FLOATS, WORDS, st.sampled_from(["True", "False", "true", "FALSE"])])


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """A header and rows; each column of one kind, some with gaps, some with a stranger."""
    width, height = draw(st.integers(2, 5)), draw(st.integers(1, 12))
    columns = []
    for index in range(width):
        cells = draw(COLUMNS)
        if draw(st.booleans()):
            cells = cells | MISSING
        if draw(st.integers(0, 3)) == 0:
            cells = cells | draw(COLUMNS)
        columns.append([f"c{index}", *draw(st.lists(cells, min_size=height, max_size=height))])
    return [list(row) for row in zip(*columns, strict=True)]


@settings(max_examples=150, deadline=None)
@given(table=tables())
def test_pandas_reads_the_same(table: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Names, types, missing values and values of any table."""
    pandas = pytest.importorskip("pandas")
    path = tmp_path_factory.getbasetemp() / "random.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_MINIMAL).writerows(table)
    theirs = pandas.read_csv(path, low_memory=False)
    ours = look(path)
    assert ours.notes == ()
    assert ours.total_rows == len(ours.rows) == len(theirs)
    for index, column in enumerate(ours.columns):
        series = theirs.iloc[:, index]
        missing = [bool(is_missing) for is_missing in series.isna()]
        assert column.name == series.name
        assert [row[index] is None for row in ours.rows] == missing
        assert column.nulls == sum(missing)
        kind = str(series.dtype)
        if kind == "object":
            kind = {"boolean": "bool"}.get(pandas.api.types.infer_dtype(series, skipna=True), kind)
        assert column.type == {"str": "string"}.get(kind, kind), list(series)
        for row, value in zip(ours.rows, series, strict=True):
            if (shown := row[index]) is not None:
                same = float(shown) == pytest.approx(value, rel=1e-14) if kind == "float64" else shown == str(value)
                assert same, (shown, value)
