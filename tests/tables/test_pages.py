"""Any row of a table by its number, whatever the table is written in."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from services.entities.tables import TableOptions, TablePage, TableQuery
from services.errors import NotFoundError
from services.tables import plain_text, records
from services.tables.opening import open_table
from services.tables.parsers import DelimitedParser
from services.tables.records import Block
from tests.support.waiting import eventually
from tests.tables.test_delimited import tables

ROWS = 3_000


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of some kilobytes are read as large ones are."""
    monkeypatch.setattr(plain_text, "FIRST", 1 << 10)
    monkeypatch.setattr(records, "STRIDE", 1 << 12)


def written(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def numbered() -> str:
    """A table of many rows, with quotes, and line ends within cells."""
    rows = [[n, f'"{n}", said\nhe' if n % 7 == 0 else f"é{n}", n / 4] for n in range(ROWS)]
    return written([["id", "text", "quarter"], *rows])


def expected(number: int) -> tuple[str, str, str]:
    return (str(number), f'"{number}", said\nhe' if number % 7 == 0 else f"é{number}", repr(number / 4))


PACKED = {
    "t.csv": numbered().encode(),
    "bom.csv": b"\xef\xbb\xbf" + numbered().encode(),
    "crlf.csv": numbered().replace("\n", "\r\n").replace("said\r\n", "said\n").encode(),
    "t.csv.gz": gzip.compress(numbered()[: ROWS * 10].encode()) + gzip.compress(numbered()[ROWS * 10 :].encode()),
    "t.csv.zst": zstandard.compress(numbered().encode()),
    "latin.csv": numbered().encode("latin-1"),
    "utf16.csv": numbered().encode("utf-16"),
    "t.tsv": numbered().replace("id,text,quarter", "id\ttext\tquarter").encode(),
}


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", [name for name in PACKED if not name.endswith("tsv")])
async def test_rows_far_in_a_text_are_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(PACKED[name])
    async with open_table(tmp_path / name) as table:
        first = await table.page(0, 3)
        assert first.columns == ("id", "text", "quarter")
        assert first.rows == tuple(map(expected, range(3)))
        for offset in (ROWS - 2, 1_501, 777, 2):
            page = await table.page(offset, 5)
            assert page.rows == tuple(expected(number) for number in range(offset, min(offset + 5, ROWS)))
            assert page.numbers == tuple(range(offset, min(offset + 5, ROWS)))
        assert await table.count() == ROWS
        assert (await table.page(ROWS, 5)).rows == ()
        before = await table.page(1_200, 40)
        await table.frame()
        assert await table.page(1_200, 40) == before


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", ["t.jsonl", "t.json"])
async def test_rows_far_in_json_are_found(tmp_path: Path, name: str) -> None:
    rows = [{"id": n, "text": f"é[{n}]", "nested": {"n": [n]}, "gap": None if n % 2 else n} for n in range(ROWS)]
    lines = name.endswith("l")
    (tmp_path / name).write_text(
        "\n".join(map(json.dumps, rows)) if lines else json.dumps(rows, ensure_ascii=False), encoding="utf-8"
    )
    async with open_table(tmp_path / name) as table:
        assert (await table.page(1, 1)).rows == (("1", "é[1]", '{"n": [1]}', None),)
        assert (await table.page(2_500, 2)).rows[0] == ("2500", "é[2500]", '{"n": [2500]}', "2500.0")
        assert await table.count() == ROWS
        view = await table.view(TableQuery("is_missing(gap)"))
        assert await view.count() == ROWS // 2
        assert table.notes == ()


async def test_a_page_of_some_columns(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,a\n1,2,3\n", encoding="utf-8")
    async with open_table(tmp_path / "t.csv") as table:
        page = await table.page(0, 10, ["a.1", "b"])
        assert page == TablePage(("a.1", "b"), 0, (("3", "2"),), (0,), 1)
        with pytest.raises(NotFoundError, match="no column named A"):
            await table.page(0, 1, ["A"])


async def test_names_that_polars_takes_for_patterns(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("*,^.*$,b\n1,2,3\n4,5,6\n", encoding="utf-8")
    async with open_table(tmp_path / "t.csv") as table:
        view = await table.view(TableQuery("`^.*$` > 2 and `*` > 1"))
        assert (await view.page(0, 9, ["^.*$"])).rows == (("5",),)
        assert [column.distinct for column in (await table.profile(["*"])).columns] == [2]


async def test_dialect_and_encoding_can_be_told(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes("1;é,2\n3;ü,4\n".encode("cp1252"))
    options = TableOptions(separator=";", encoding="cp1252", header=False, infers=False)
    async with open_table(tmp_path / "t.txt", options) as table:
        page = await table.page(0, 9)
        assert (page.columns, page.rows) == (("Column1", "Column2"), (("1", "é,2"), ("3", "ü,4")))
        assert [column.type for column in (await table.schema()).columns] == ["string", "string"]
        assert table.notes == ("fields are separated by a semicolon",)


async def test_a_type_that_the_last_row_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.tables import text_table

    monkeypatch.setattr(plain_text, "FIRST", 100)
    monkeypatch.setattr(text_table, "BLOCK", 200)
    text = "code,gap,big,flag\n" + "".join(f"00{n},{n},{n},True\n" for n in range(200)) + "x,,18446744073709551615,no\n"
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    async with open_table(tmp_path / "t.csv") as table:
        assert [column.type for column in (await table.schema()).columns] == ["int64", "int64", "int64", "bool"]
        assert (await table.page(0, 1)).rows == (("0", "0", "0", "True"),)
        await table.frame()
        schema = await table.schema()
        assert [column.type for column in schema.columns] == ["string", "float64", "uint64", "string"]
        assert [column.nulls for column in schema.columns] == [0, 1, 0, 0]
        assert schema.is_exact
        assert (await table.page(0, 1)).rows == (("000", "0.0", "0", "True"),)
        assert (await table.page(200, 1)).rows == (("x", None, "18446744073709551615", "no"),)


async def test_a_cell_in_full(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"a,b\n1,{'x' * 10_000}\n", encoding="utf-8")
    async with open_table(tmp_path / "t.csv") as table:
        assert len((await table.page(0, 1)).rows[0][1] or "") == 2_000
        assert await table.cell(0, "b") == "x" * 10_000
        assert await table.cell(5, "b") is None


async def test_progress_is_told_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_text, "FIRST", 100)
    monkeypatch.setattr(records, "STRIDE", 1 << 10)
    (tmp_path / "t.csv").write_text(numbered(), encoding="utf-8")
    told: list[tuple[int, int]] = []
    async with open_table(tmp_path / "t.csv") as table:
        assert await table.count(lambda done, total: told.append((done, total))) == ROWS
        await eventually(lambda: len(told) > 10)
        assert told == sorted(told)
        assert {total for _, total in told} == {len(numbered().encode())}


@pytest.mark.parametrize("format_", ["parquet", "feather", "stream", "xlsx"])
async def test_formats_of_other_programs(tmp_path: Path, format_: str) -> None:
    import polars

    frame = polars.DataFrame(
        {"n": [1, 2, None], "x": [0.5, float("nan"), None], "s": ["a", "=cmd()", "b"]},
        schema={"n": polars.Int64, "x": polars.Float64, "s": polars.String},
    )
    path = tmp_path / f"t.{'arrow' if format_ == 'stream' else format_}"
    if format_ == "parquet":
        frame.write_parquet(path)
    elif format_ == "xlsx":
        path.write_bytes(workbook([["n", "x", "s"], [1, 0.5, "a"], [2, None, "=cmd()"], [None, None, "b"]]))
    else:
        frame.write_ipc_stream(path) if format_ == "stream" else frame.write_ipc(path)
    async with open_table(path) as table:
        page = await table.page(0, 10)
        one, two = ("1.0", "2.0") if format_ == "xlsx" else ("1", "2")
        assert page.rows == ((one, "0.5", "a"), (two, None, "=cmd()"), (None, None, "b"))
        assert await (await table.view(TableQuery("is_missing(x)"))).count() == 2


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    """A minimal Office Open XML workbook with the rows on its first sheet."""
    import zipfile
    from xml.sax.saxutils import escape

    def cell(value: object) -> str:
        if value is None:
            return "<c/>"
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    formats = "http://schemas.openxmlformats.org"
    main, office = f"{formats}/spreadsheetml/2006/main", f"{formats}/officeDocument/2006/relationships"
    types, links = f"{formats}/package/2006/content-types", f"{formats}/package/2006/relationships"
    data = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)

    def link(kind: str, target: str) -> str:
        relation = f'<Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/>'
        return f'<Relationships xmlns="{links}">{relation}</Relationships>'

    parts = {
        "[Content_Types].xml": f'<Types xmlns="{types}"/>',
        "_rels/.rels": link("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": link("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>',
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return packed.getvalue()


@settings(max_examples=100, deadline=None)
@given(table=tables(), line_end=st.sampled_from(["\n", "\r\n"]))
def test_polars_and_the_careful_reader_agree(table: list[list[str]], line_end: str) -> None:
    """A block that Polars reads for us is the one that we would read."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows(table)
    parser = DelimitedParser(tuple(table[0]))
    block = Block(0, text.getvalue().encode(), len(table))
    quick = parser._quick(block)
    if quick is not None:
        assert quick.rows() == parser._thorough(block).rows()


@settings(max_examples=60, deadline=None)
@given(table=tables(), block=st.integers(20, 200))
def test_pandas_reads_the_same_values_of_the_whole(
    table: list[list[str]], block: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Types, missing values and values, also where blocks of the file disagree about a type."""
    import asyncio

    pandas = pytest.importorskip("pandas")
    from services.tables.background import Reporter
    from services.tables.records import Layout, blocks
    from services.tables.snapshots import snapshot

    folder = tmp_path_factory.mktemp("whole")
    path = folder / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    theirs = pandas.read_csv(path, low_memory=False)

    async def ours() -> tuple[list[str], tuple[tuple[str | None, ...], ...], list[int]]:
        async with open_table(path) as opened:
            from services.tables.byte_sources import LocalBytes
            from services.tables.frames import cells

            source, reporter = LocalBytes(path), Reporter()
            found = blocks(source, Layout(0, ","), block, reporter)
            frame = snapshot(source, found, DelimitedParser(tuple(table[0])), folder / "parts", reporter)
            types = [column.type for column in frame.columns]
            nulls = [column.nulls for column in frame.columns]
            assert cells(frame.lazy.collect()) == (await opened.page(0, 100)).rows
            assert types == [column.type for column in (await opened.schema()).columns]
            source.close()
            return types, cells(frame.lazy.collect()), nulls

    types, rows, nulls = asyncio.run(ours())
    assert len(rows) == len(theirs)
    for index, kind in enumerate(types):
        series = theirs.iloc[:, index]
        missing = [bool(value) for value in series.isna()]
        assert [row[index] is None for row in rows] == missing
        assert nulls[index] == sum(missing)
        if kind != "string":
            assert kind == {"object": "bool"}.get(str(series.dtype), str(series.dtype)), list(series)
        else:
            assert not pandas.api.types.is_numeric_dtype(series)
