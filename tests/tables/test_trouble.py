"""Files that are odd, damaged, hostile or change while they are open: clear words, nothing run, nothing lost."""

from __future__ import annotations

import asyncio
import gzip
import os
import time
from pathlib import Path

import polars
import pytest
import zstandard

from services.entities.tables import SortKey, TableQuery
from services.errors import NoTableError, NotFoundError, TransientError, UserError
from services.expressions.parsing import ExpressionError
from services.tables import plain_text, records, text_table
from services.tables.opening import open_table
from tests.support.entities import HOSTILE
from tests.tables.test_pages import workbook

Rows = tuple[tuple[str | None, ...], ...]


async def read(path: Path) -> tuple[Rows, Rows, tuple[str, ...]]:
    """All rows as the first page shows them, then as Polars has them, and the notes."""
    async with open_table(path) as table:
        first = await table.page(0, 1_000_000)
        await table.frame()
        return first.rows, (await table.page(0, 1_000_000)).rows, table.notes


@pytest.mark.parametrize(
    ("content", "rows", "note"),
    [
        pytest.param(
            b"a,b\n1,2\n3\n4,5,6\n", (("1", "2.0"), ("3", None), ("4", "5.0")), "row 2 has fewer", id="ragged"
        ),
        pytest.param(b'a,b\n5" disk,x\n"y"z,1\n', (('5" disk', "x"), ("yz", "1")), "", id="stray quotes"),
        pytest.param(b'a,b\n1,"x\n2,y\n', (("1", '"x'), ("2", "y")), "", id="a quote that is never closed"),
        pytest.param(b"a,b\n1,x\0y\n\0,z\n", (("1", "x\0y"), ("\0", "z")), "", id="NUL bytes"),
        pytest.param("a,b\né,1\n".encode("latin-1"), (("é", "1"),), "not UTF-8: read as Latin-1", id="Latin-1"),
        pytest.param("a,b\né,1\n".encode("utf-16"), (("é", "1"),), "read as UTF-16", id="UTF-16"),
        pytest.param("\ufeffa,b\né,1\n".encode(), (("é", "1"),), "", id="a byte order mark"),
        pytest.param(b"a,b\r\n1,2\r\n", (("1", "2"),), "", id="CRLF"),
        pytest.param(b"a,b\r1,2\r3,4", (("1", "2"), ("3", "4")), "", id="CR alone"),
        pytest.param(b"a,a,\n1,2,3\n", (("1", "2", "3"),), "names in the header are empty or equal", id="equal names"),
        pytest.param(b"a\n99999999999999999999\n1\n", (("99999999999999999999",), ("1",)), "", id="beyond 64 bits"),
        pytest.param(b"a\n18446744073709551615\n1\n", (("18446744073709551615",), ("1",)), "", id="uint64"),
        pytest.param(b"a,b\n=cmd(),+1\n@x,\x1b[31m\n", (("=cmd()", "+1"), ("@x", "\x1b[31m")), "", id="formulas"),
        pytest.param(b"\n\na,b\n\n1,2\n   \n3,4\n", (("1", "2"), ("3", "4")), "", id="blank lines"),
        pytest.param(HOSTILE.join(("a,b\n1,", "\n")).encode(), (("1", HOSTILE),), "", id="hostile text"),
        pytest.param(b"a,b\nx,1\ny,2", (("x", "1"), ("y", "2")), "", id="no line end at the end"),
    ],
)
async def test_odd_text(tmp_path: Path, content: bytes, rows: Rows, note: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    first, whole, notes = await read(tmp_path / "t.csv")
    assert first == whole == rows
    assert any(note in told for told in notes) if note else not notes


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.csv", b"", "is empty: it has no bytes"),
        ("t.csv", b"\n \n\n", "its lines are blank"),
        ("t.parquet", b"PAR1" + b"x" * 200, "can't be read"),
        ("t.xlsx", b"PK\x03\x04" + bytes(50), "can't be read"),
        ("t.csv", bytes(range(256)) * 30, "is no table: binary file, 7.7 kB"),
        ("t.png", b"\x89PNG\r\n\x1a\n" + bytes(100), "is no table: PNG image"),
        ("t.md", b"# words\n\nalone\n", "is no table: text/markdown"),
        ("t.csv.gz", gzip.compress(b"", mtime=0), "is empty"),
    ],
)
async def test_what_is_no_table_says_so(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError) as told:
        await read(tmp_path / name)
    assert words in told.value.detail
    assert name.removesuffix(".gz") in told.value.detail


async def test_a_parquet_that_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    polars.DataFrame({"n": range(1_000)}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(UserError, match="can't be read") as told:
        await read(path)
    assert told.value.title == "A damaged table"


def test_a_folder_and_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder without an MLTable file"):
        open_table(tmp_path)
    with pytest.raises(NotFoundError, match="There is no file"):
        open_table(tmp_path / "nobody.csv")


@pytest.mark.parametrize("packing", ["gz", "zst"])
async def test_a_packed_file_that_is_cut_short_shows_what_is_there(tmp_path: Path, packing: str) -> None:
    text = b"n,x\n" + b"".join(b"%d,%d\n" % (n, n * 7919 % 10_007) for n in range(200_000))
    packed = gzip.compress(text) if packing == "gz" else zstandard.compress(text)
    (tmp_path / f"t.csv.{packing}").write_bytes(packed[: len(packed) // 2])
    async with open_table(tmp_path / f"t.csv.{packing}") as table:
        assert (await table.page(0, 1)).rows == (("0", "0"),)
        assert 20_000 < await table.count() < 180_000
        assert any("cut short" in note for note in table.notes)


async def test_a_packed_file_that_is_damaged_shows_what_comes_before(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(b"n\n" + b"".join(b"%d\n" % (n * 7919 % 10_007) for n in range(400_000))))
    packed[len(packed) // 2] ^= 0xFF
    packed[len(packed) // 2 + 1] ^= 0xFF
    (tmp_path / "t.csv.gz").write_bytes(packed)
    async with open_table(tmp_path / "t.csv.gz") as table:
        assert await table.count() > 1_000
        assert any("damaged gzip" in note for note in table.notes)


async def test_ten_thousand_columns(tmp_path: Path) -> None:
    row = ",".join(map(str, range(10_000)))
    (tmp_path / "t.csv").write_text(",".join(f"c{n}" for n in range(10_000)) + "\n" + f"{row}\n" * 30, encoding="utf-8")
    began = time.process_time()
    async with open_table(tmp_path / "t.csv") as table:
        page = await table.page(20, 10, ["c9999", "c0"])
        assert page.rows == (("9999", "0"),) * 10
        assert len((await table.schema()).columns) == 10_000
        assert await table.count() == 30
    assert time.process_time() - began < 20


@pytest.mark.parametrize("size", [1_000_000, pytest.param(100_000_000, marks=pytest.mark.slow)])
async def test_a_huge_cell(tmp_path: Path, size: int) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\n1," + b"x" * size + b"\n2,y\n")
    async with open_table(path) as table:
        page = await table.page(0, 2)
        assert [row[0] for row in page.rows] == ["1", "2"]
        assert len(page.rows[0][1] or "") == 2_000
        assert await table.count() == 2


async def test_a_huge_cell_is_given_in_full_and_filtered_by(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"a,b\n1," + b"x" * 1_000_000 + b"\n2,y\n")
    async with open_table(tmp_path / "t.csv") as table:
        assert len(await table.cell(0, "b") or "") == 1_000_000
        assert (await (await table.view(TableQuery("length(b) > 10"))).page(0, 9)).numbers == (0,)


async def test_an_expression_that_is_code_is_refused_and_nothing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("a\n1\n2\n", encoding="utf-8")
    async with open_table(tmp_path / "t.csv") as table:
        for code in ("__import__('os').mkdir('made') or a > 0", "(lambda: 1)() > a", "[x for x in a] == 1"):
            with pytest.raises(ExpressionError):
                await table.view(TableQuery(code))
        with pytest.raises(ExpressionError, match="no function open"):
            await table.view(TableQuery("open('made', 'w') == a"))
        assert await (await table.view(TableQuery("a > 1"))).count() == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


async def test_mixed_types_late_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_text, "FIRST", 1_000)
    monkeypatch.setattr(text_table, "BLOCK", 10_000)
    (tmp_path / "t.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(5_000)) + "n/k\n", encoding="utf-8")
    async with open_table(tmp_path / "t.csv") as table:
        assert (await table.page(4_999, 3)).rows == (("4999",), ("n/k",))
        assert await (await table.view(TableQuery("n == '7'"))).count() == 1
        assert (await table.schema()).columns[0].type == "string"


async def test_a_file_that_grows_or_goes_while_it_is_open(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    async with open_table(path) as table:
        with path.open("a", encoding="utf-8") as file:
            file.write("3,4\n")
        assert (await table.page(0, 10)).rows == (("1", "2"),)
        assert table.notes == ("the file has grown by 4 bytes; open it again to see them",)
        path.unlink()
        assert (await table.page(0, 10)).rows == (("1", "2"),)
        assert await (await table.view(TableQuery("a == 1"))).count() == 1
        assert table.notes == ("the file was deleted; what was open is shown",)
        path.write_text("other,file\n", encoding="utf-8")
        assert table.notes == ("the file was replaced by another; what was open is shown",)


async def test_a_file_that_becomes_shorter_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_text, "FIRST", 100)
    path = tmp_path / "t.csv"
    path.write_text("n\n" + "1234\n" * 1_000, encoding="utf-8")
    async with open_table(path) as table:
        os.truncate(path, 500)
        with pytest.raises(TransientError, match="become shorter"):
            await table.count()
        assert (await table.page(0, 2)).rows == (("1234",), ("1234",))


async def test_quotes_over_lines_and_stray_ones_keep_the_numbers_of_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_text, "FIRST", 64)
    monkeypatch.setattr(records, "STRIDE", 100)
    lines = [f'{n},"a\n\n""b"",\n{n}"' if n % 3 == 0 else f'{n},5" disk' for n in range(600)]
    (tmp_path / "t.csv").write_text("n,x\n" + "\n".join(lines) + "\n", encoding="utf-8")
    async with open_table(tmp_path / "t.csv") as table:
        assert (await table.page(597, 5)).rows == (
            ("597", 'a\n\n"b",\n597'),
            ("598", '5" disk'),
            ("599", '5" disk'),
        )
        assert await table.count() == 600
        view = await table.view(TableQuery("contains(x, 'disk')", (SortKey("n", descending=True),)))
        assert (await view.page(0, 1)).numbers == (599,)


async def test_pages_are_read_while_a_filter_works(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(300_000)), encoding="utf-8")
    async with open_table(tmp_path / "t.csv") as table:
        view = asyncio.ensure_future(table.view(TableQuery("n > 10")))
        pages = await asyncio.gather(*(table.page(offset, 2) for offset in (0, 299_999, 150_000)))
        assert [page.rows[0] for page in pages] == [("0",), ("299999",), ("150000",)]
        assert await (await view).count() == 299_989


async def test_sheets_of_a_workbook_hold_formulas_as_text(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(workbook([["a", ""], ["=HYPERLINK(1)", HOSTILE.replace("\x1b", "")[:20]]]))
    async with open_table(tmp_path / "t.xlsx") as table:
        page = await table.page(0, 5)
        assert page.columns == ("a", "Unnamed: 1")
        assert page.rows[0][0] == "=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("config.json", b'{\n "a": 1\n}\n', '{\n "a": 1\n}\n'),
        ("notes.txt", b"hello\nworld\n", "hello\nworld\n"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0", ""),
    ],
)
def test_what_is_no_table_tells_its_text(tmp_path: Path, name: str, content: bytes, shown: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NoTableError, match=f"{name} is no table") as found:
        open_table(tmp_path / name)
    assert found.value.text == shown
