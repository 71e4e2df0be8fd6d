"""Tables behind an address: no more bytes than a page needs, whatever the server does."""

from __future__ import annotations

import asyncio
import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import polars
import pytest
import zstandard

from services.entities.tables import SortKey, TableQuery
from services.errors import AccessError, NotFoundError, ServiceError, TransientError, UserError
from services.tables import opening, remote_bytes, remote_parquet, web_bytes
from services.tables.elsewhere import OnTheWeb, claim, open_located
from services.tables.opening import open_table
from services.tables.table import Table
from services.threads import in_daemon_thread
from tests.support.waiting import eventually
from tests.support.web_server import Answering, WebServer, web_server
from tests.tables.test_pages import workbook

ROWS = 60_000
FRAME = polars.DataFrame({"id": range(ROWS), "word": [f"Zeile {n * 7919 % ROWS}, ä" for n in range(ROWS)]})
CSV = FRAME.write_csv().encode()


def parquet(group: int) -> bytes:
    file = io.BytesIO()
    FRAME.write_parquet(file, row_group_size=group, compression="uncompressed")
    return file.getvalue()


def arrow() -> bytes:
    file = io.BytesIO()
    FRAME.write_ipc(file)
    return file.getvalue()


def lines(count: int = ROWS) -> bytes:
    return FRAME.head(count).write_ndjson().encode()


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


def open_url(url: str) -> Table:
    return open_located(url, OnTheWeb)


async def opened(url: str) -> Table:
    return await asyncio.to_thread(open_url, url)


class TestBytes:
    async def test_a_page_of_a_csv_takes_its_beginning(self, web: WebServer) -> None:
        async with await opened(web.put("rows.csv", CSV)) as table:
            page = await table.page(0, 1_000)
            assert page.rows[999] == ("999", f"Zeile {999 * 7919 % ROWS}, ä")
            assert (await table.schema()).total_rows is None
            assert (len(web.asked), web.sent) == (1, web_bytes.FIRST)

    async def test_no_byte_is_fetched_twice(self, web: WebServer) -> None:
        async with await opened(web.put("rows.csv", CSV)) as table:
            assert (await table.page(20_000, 1)).rows[0][0] == "20000"
            assert await table.count() == ROWS
            view = await table.view(TableQuery(sort=(SortKey("id", descending=True),)))
            assert (await view.page(0, 1)).rows[0][0] == str(ROWS - 1)
            assert (await table.profile(exact=True)).rows == ROWS
        assert web.sent == len(CSV)

    async def test_a_sample_is_taken_from_all_over(self, web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in ("records", "text_table"):
            monkeypatch.setattr(f"services.tables.{module}.STRIDE", 1 << 12)
        monkeypatch.setattr("services.tables.text_table.SPREAD", 8)
        monkeypatch.setattr(remote_bytes, "BLOCK", 1 << 12)
        async with await opened(web.put("rows.csv", CSV)) as table:
            profile = await table.profile(["id"])
        assert profile.total_rows is None
        assert int(profile.columns[0].maximum or 0) > ROWS * 0.8
        assert web.sent < len(CSV) / 2

    async def test_where_a_sample_would_be_the_whole_file_no_row_is_left_out(self, web: WebServer) -> None:
        async with await opened(web.put("rows.csv", CSV)) as table:
            assert not table.known_rows()
            profile = await table.profile(["id"])
        assert (profile.rows, profile.total_rows, web.sent) == (ROWS, ROWS, len(CSV))

    async def test_a_page_of_a_parquet_takes_one_row_group(self, web: WebServer) -> None:
        data = parquet(2_000)
        async with await opened(web.put("rows.parquet", data)) as table:
            assert (await table.schema()).total_rows == await table.count() == ROWS
            web.asked.clear()
            page = await table.page(30_000, 50)
            assert [row[0] for row in page.rows] == [str(number) for number in range(30_000, 30_050)]
            assert len(web.asked) == 1
            assert await table.cell(30_001, "word") == page.rows[1][1]
            assert web.sent < len(data) / 8, "one group of thirty, and the blocks about it"

    async def test_of_a_large_row_group_the_wanted_columns_are_read(
        self, web: WebServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(remote_parquet, "GROUP", 0)
        monkeypatch.setattr(remote_parquet, "READ", 1 << 12)
        data = parquet(ROWS)
        async with await opened(web.put("rows.parquet", data)) as table:
            web.asked.clear()
            assert (await table.page(100, 2, ["id"])).rows == (("100",), ("101",))
        assert web.sent < len(data) / 2

    async def test_pages_of_a_parquet_are_those_of_a_local_one(self, web: WebServer, tmp_path: Path) -> None:
        odd = polars.DataFrame(
            {"a": [1.5, None, float("nan")], "b.c": [None, "x", "y"], "d": [[1], [], None]},
        ).with_columns(e=polars.lit("2024-02-03").str.to_datetime().dt.replace_time_zone("UTC"))
        odd.write_parquet(tmp_path / "odd.parquet")
        async with (
            await opened(web.put("odd.parquet", (tmp_path / "odd.parquet").read_bytes())) as there,
            open_table(tmp_path / "odd.parquet") as here,
        ):
            assert await there.page(0, 9) == await here.page(0, 9)
            assert (await there.schema()).columns == (await here.schema()).columns
            await there.frame()
            assert await there.page(0, 9) == await here.page(0, 9)

    async def test_a_sample_of_a_parquet_is_taken_from_some_row_groups(
        self, web: WebServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(remote_parquet, "SAMPLE", 4_000)
        data = parquet(1_000)
        async with await opened(web.put("rows.parquet", data)) as table:
            profile = await table.profile(["id"])
        assert (profile.rows, profile.total_rows) == (4_000, ROWS)
        assert int(profile.columns[0].maximum or 0) == ROWS - 1
        assert web.sent < len(data) / 2


class TestFormats:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            pytest.param("t.csv.gz", lambda: gzip.compress(CSV), id="gzip"),
            pytest.param("t.csv.zst", lambda: zstandard.compress(CSV), id="Zstandard"),
            pytest.param("t.csv", lambda: CSV.decode().encode("utf-16"), id="UTF-16"),
            pytest.param("t.jsonl", lines, id="JSON lines"),
            pytest.param("t.json", lambda: b"[" + lines(5_000).strip().replace(b"\n", b",") + b"]", id="JSON"),
            pytest.param("t.feather", arrow, id="Arrow"),
            pytest.param("t.parquet", lambda: parquet(900), id="Parquet"),
            pytest.param("t.csv", lambda: CSV, id="CSV"),
        ],
    )
    async def test_pages_and_a_file_with_the_first_rows(
        self, web: WebServer, name: str, content: Callable[[], bytes]
    ) -> None:
        async with await opened(web.put(name, content())) as table:
            page = await table.page(3_000, 20)
            assert [row[0] for row in page.rows] == [str(number) for number in range(3_000, 3_020)]
            path = await table.head_file(1_000)
            async with open_table(path) as head:
                assert head.format == table.format
                assert (await head.page(0, 1_000)).rows == (await table.page(0, 1_000)).rows
                assert await head.count() < ROWS or name in ("t.csv", "t.feather")

    async def test_a_workbook_is_fetched_whole(self, web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
        url = web.put("t.xlsx", workbook([["a"], [1]]))
        async with await opened(url) as table:
            assert (await table.page(0, 5)).rows == (("1",),)
            assert (await table.head_file(1)).read_bytes() == web.files["/t.xlsx"]
        monkeypatch.setattr(opening, "WHOLE", 100)
        with pytest.raises(UserError, match="fetched whole, up to 100 bytes"):
            await opened(url)

    async def test_an_empty_file_and_no_table(self, web: WebServer) -> None:
        with pytest.raises(UserError, match="is empty"):
            await opened(web.put("t.csv", b""))
        with pytest.raises(UserError, match="PNG image"):
            await opened(web.put("t.png", b"\x89PNG\r\n\x1a\n\0\0"))
        with pytest.raises(UserError, match="can't be read"):
            await opened(web.put("t.parquet", parquet(ROWS)[:5_000]))


class TestServersWithoutRanges:
    async def test_the_stream_is_read_as_far_as_a_page_needs(self, web: WebServer) -> None:
        sent: list[int] = []

        def stream(handler: Answering) -> None:
            handler.note()
            handler.send_response(200)
            handler.send_header("Content-Length", str(len(CSV)))
            handler.end_headers()
            for start in range(0, len(CSV), 1 << 16):
                handler.wfile.write(CSV[start : start + (1 << 16)])
                sent.append(start)
                if start > 1 << 19 and not web.released.is_set():
                    web.released.wait(10)

        async with await opened(web.answer("t.csv", stream)) as table:
            assert (await table.page(0, 1_000)).rows[-1][0] == "999"
            assert max(sent, default=0) < len(CSV) - (1 << 17), "the server waits with the rest"
            web.released.set()
            assert await table.count() == ROWS
        assert len(web.asked) == 1

    async def test_a_stream_of_unknown_length_has_a_limit(
        self, web: WebServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stream(handler: Answering) -> None:
            handler.protocol_version = "HTTP/1.0"
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(CSV)
            handler.close_connection = True

        url = web.answer("t.csv", stream)
        async with await opened(url) as table:
            assert await table.count() == ROWS
        monkeypatch.setattr(web_bytes, "LIMIT", 1_000)
        with pytest.raises(UserError, match=r"more than 1\.0 kB, and its server sends no parts"):
            await opened(url)


class TestTrouble:
    @pytest.mark.parametrize(
        ("status", "kind", "requests"),
        [(403, AccessError, 1), (404, NotFoundError, 1), (500, TransientError, 3), (418, UserError, 1)],
    )
    async def test_refusals(self, web: WebServer, status: int, kind: type[ServiceError], requests: int) -> None:
        url = web.answer("t.csv", lambda handler: handler.refuse(status)) + "?sv=1&sig=abc%2Fdef%3D"
        with pytest.raises(kind) as refused:
            await opened(url)
        assert f"127.0.0.1 answered {status}" in refused.value.detail
        assert "abc" not in str(refused.value)
        assert "sig=<redacted>" in refused.value.detail
        assert len(web.asked) == requests

    async def test_a_failure_is_tried_again(self, web: WebServer) -> None:
        failures = [503, 500]

        def answer(handler: Answering) -> None:
            if failures:
                handler.refuse(failures.pop())
            else:
                handler.send_file(b"a\n1\n", '"1"')

        async with await opened(web.answer("t.csv", answer)) as table:
            assert (await table.page(0, 1)).rows == (("1",),)

    async def test_a_server_that_is_silent(self, web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(web_bytes, "ANSWER_SECONDS", 0.05)
        with pytest.raises(TransientError, match="was silent") as slow:
            await opened(web.answer("t.csv", web.hang))
        assert slow.value.title == "The server is too slow"

    async def test_a_server_that_drips(self, web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(web_bytes, "ANSWER_SECONDS", 0.1)
        monkeypatch.setattr(web_bytes, "PACE", 1_000_000)

        def drip(handler: Answering) -> None:
            handler.send_response(200)
            handler.send_header("Content-Length", "1000000")
            handler.end_headers()
            while not web.released.wait(0.02):
                handler.wfile.write(b"a,b\n")

        with pytest.raises(TransientError, match=r"sent [\d,]+ bytes in"):
            await opened(web.answer("t.csv", drip))

    async def test_nobody_at_the_address(self) -> None:
        with web_server() as gone:
            url = gone.put("t.csv", b"a\n1\n")
        with pytest.raises(TransientError, match="can't be reached"):
            await opened(url)
        with pytest.raises(UserError, match="is no address"):
            await opened("http://[/t.csv")

    async def test_an_answer_that_ends_early(self, web: WebServer) -> None:
        def cut(handler: Answering) -> None:
            handler.send_response(206)
            handler.send_header("Content-Range", "bytes 0-99/100")
            handler.send_header("Content-Length", "100")
            handler.end_headers()
            handler.wfile.write(b"a,b\n")
            handler.close_connection = True

        with pytest.raises(TransientError) as broken:
            await opened(web.answer("t.csv", cut))
        assert broken.value.title in ("The connection broke", "The file has changed")

    async def test_credentials_go_to_their_own_host_alone(self, web: WebServer) -> None:
        target = web.put("t.csv", b"a\n1\n").replace("127.0.0.1", "localhost")
        start = web.answer("there", lambda handler: handler.lead(target))
        async with await opened(start.replace("://", "://ada:secret@")) as table:
            assert (await table.page(0, 1)).rows == (("1",),)
        first, *others = web.asked
        assert "Authorization" in first.headers
        assert others
        assert not any("Authorization" in asked.headers or "secret" in asked.path for asked in others)

    async def test_a_file_that_is_written_to_meanwhile(self, web: WebServer) -> None:
        async with await opened(web.put("t.csv", CSV)) as table:
            web.files["/t.csv"], web.etags["/t.csv"] = CSV + b"1,x\n", '"2"'
            with pytest.raises(TransientError, match="was written to"):
                await table.count()
            assert (await table.page(0, 2)).rows[0][0] == "0", "what was read is still there"

    async def test_what_became_of_a_file_is_told(self, web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(remote_bytes, "LOOK_SECONDS", 0)
        async with await opened(web.put("t.csv", CSV)) as table:
            assert not (await table.schema()).notes
            web.files["/t.csv"], web.etags["/t.csv"] = CSV + b"1,x\n", '"2"'
            assert "the file has grown by 4 bytes; open it again to see them" in (await table.schema()).notes
            del web.files["/t.csv"]
            assert "the file was deleted; what was read is shown" in (await table.schema()).notes


class TestLeaving:
    async def test_a_fetch_stops_when_nobody_wants_it(self, web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(remote_bytes, "REQUEST", 1 << 16)
        told: list[int] = []
        async with await opened(web.put("t.parquet", parquet(ROWS))) as table:
            fetching = asyncio.ensure_future(table.frame(lambda done, _: told.append(done)))
            await eventually(lambda: bool(told))
            fetching.cancel()
            with pytest.raises(asyncio.CancelledError):
                await fetching
        assert web.sent < len(web.files["/t.parquet"]) or told[-1] == len(web.files["/t.parquet"])

    async def test_closing_waits_for_no_server(self, web: WebServer) -> None:
        def first_alone(handler: Answering) -> None:
            if handler.headers["Range"].startswith("bytes=0-"):
                handler.send_file(CSV, '"1"')
            else:
                web.hang(handler)

        table = await opened(web.answer("t.csv", first_alone))
        counting = asyncio.ensure_future(table.count())
        await eventually(lambda: len(web.asked) == 2)
        await asyncio.wait_for(table.close(), 2)
        assert not table.folder.exists()
        counting.cancel()

    async def test_a_table_that_comes_too_late_is_closed(self, web: WebServer) -> None:
        late: list[Table] = []

        def slow(handler: Answering) -> None:
            handler.note()
            web.released.wait(10)
            handler.send_file(b"a\n1\n", '"1"')

        url = web.answer("t.csv", slow)

        async def wait() -> None:
            with claim() as mine:

                def work() -> Table:
                    late.append(mine.take(open_url(url)))
                    return late[0]

                await in_daemon_thread(work)

        waiting = asyncio.ensure_future(wait())
        await eventually(lambda: bool(web.asked))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        web.released.set()
        await eventually(lambda: bool(late))
        assert not late[0].folder.exists()
