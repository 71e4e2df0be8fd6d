"""Files wrapped as MLTable: what is written is read back as the same table."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars
import pytest
import yaml

from services.errors import UserError
from services.tables.mltable_writing import write_mltable
from services.tables.opening import open_table


async def rows(path: Path) -> tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]:
    async with open_table(path) as table:
        page = await table.page(0, 100)
        return page.columns, page.rows


@pytest.mark.parametrize(
    ("name", "content", "reader"),
    [
        ("a.csv", b"a,b\n1,x\n2,\n", {"delimiter": ",", "encoding": "utf8"}),
        ("a.tsv", b"a\tb\n1\tx\n", {"delimiter": "\t", "encoding": "utf8"}),
        ("a.csv", "a;b\n1;Köln\n".encode("latin-1"), {"delimiter": ";", "encoding": "iso88591"}),
        ("a.csv", b"\xef\xbb\xbfa,b\n1,2\n", {"delimiter": ",", "encoding": "utf8bom"}),
        ("a.csv", "a,b\n1,2\n".encode("utf-16"), {"delimiter": ",", "encoding": "utf16"}),
        ("a.csv", b'a,b\n1,"two\nlines"\n', {"delimiter": ",", "encoding": "utf8", "support_multi_line": True}),
    ],
)
async def test_text_is_read_back_as_it_is(tmp_path: Path, name: str, content: bytes, reader: object) -> None:
    (tmp_path / name).write_bytes(content)
    text = write_mltable(tmp_path / name, tmp_path / "made")
    document = yaml.safe_load(text)
    given = document["transformations"][0]["read_delimited"]
    assert given.pop("header") == "all_files_same_headers"
    assert (given, document["paths"]) == (reader, [{"file": f"./{name}"}])
    assert (tmp_path / "made" / "MLTable").read_text(encoding="utf-8") == text
    assert await rows(tmp_path / "made") == await rows(tmp_path / name)


async def test_parquet_and_json_lines(tmp_path: Path) -> None:
    polars.DataFrame({"n": [1, 2]}).write_parquet(tmp_path / "n.parquet")
    (tmp_path / "n.jsonl").write_text('{"n": 1}\n{"n": 2}\n', encoding="utf-8")
    for name, reader in (("n.parquet", "read_parquet"), ("n.jsonl", "read_json_lines")):
        text = write_mltable(tmp_path / name, tmp_path / reader)
        assert yaml.safe_load(text)["transformations"] == [reader]
        assert (await rows(tmp_path / reader))[1] == (("1",), ("2",))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv.gz", gzip.compress(b"a,b\n1,2\n"), "packed with gzip"),
        ("a.json", b'[{"a": 1}]', "is JSON, which an MLTable file can't describe"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(20), "no table"),
        ("a.csv", b"", "is empty"),
    ],
)
def test_what_can_t_be_wrapped_is_told_and_leaves_nothing(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=words):
        write_mltable(tmp_path / name, tmp_path / "made")
    assert not (tmp_path / "made").exists()
