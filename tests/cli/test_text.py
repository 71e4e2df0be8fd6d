"""Tables and texts, made safe for a terminal."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tui.cli.text import cut, log_text, printable_json, printable_lines, table, width

EVIL = "a\x1b[31mred\x9b\u202egpj.exe\u200b\x07"


def test_columns_are_aligned_by_cells_not_characters() -> None:
    lines = table(("Name", "Rows"), [("日本語", 7), ("e\u0301te", 12345)]).splitlines()
    assert lines == ["Name     Rows", "------  -----", "日本語      7", "e\u0301te     12345"]
    assert {width(line) for line in lines} == {13}


@pytest.mark.parametrize("limit", [200, 60, 40, 30])
def test_a_table_fits_the_terminal_and_the_widest_column_gives_way(limit: int) -> None:
    rows = [("short", "a very long description that goes on and on", "x" * 30), ("b", "日本語" * 12, "")]
    lines = table(("Name", "Description", "Other"), rows, limit=limit).splitlines()
    assert max(map(width, lines)) <= limit
    assert all(line.startswith(("Name ", "-----", "short", "b ")) for line in lines)


def test_names_and_times_are_never_cut_and_the_last_columns_are_left_out_where_there_is_no_room() -> None:
    created = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    rows = [
        ("gentle_garden_ydjp4pbf67", "Completed", "diabetes-logistic-regression", created, "diabetes", "this-machine")
    ]
    headers = ("Name", "Status", "Display name", "Created", "Experiment", "Compute")
    assert table(headers, rows, limit=80).splitlines()[0::2] == [
        "Name                      Status     Display n…  Created              Experiment",
        "gentle_garden_ydjp4pbf67  Completed  diabetes-…  2026-01-02 03:04:05  diabetes",
    ]
    assert table(headers, rows, limit=60).splitlines()[0] == "Name                      Status     Display name"
    assert table(headers, rows, limit=20).splitlines()[2] == "gentle_g…  Completed"


def test_a_table_in_a_pipe_is_never_cut() -> None:
    assert "x" * 500 in table(("A", "B"), [("x" * 500, "y")])


def test_what_comes_from_outside_reaches_no_terminal_as_it_is() -> None:
    shown = table(("Name",), [(EVIL + "\nsecond line",)])
    assert len(shown.splitlines()) == 3
    assert not {"\x1b", "\x9b", "\u202e", "\u200b", "\x07"} & set(shown)


def test_secrets_are_masked_in_tables_and_logs() -> None:
    url = "https://a.blob.core.windows.net/c?sig=abcdefgh12345678"
    assert "abcdefgh12345678" not in table(("Path",), [(url,)]) + log_text(url)


def test_json_with_escapes_means_the_same() -> None:
    text = printable_json(json.dumps({"name": EVIL, "city": "Zürich", "tag": "\U000e0041"}, ensure_ascii=False))
    assert json.loads(text) == {"name": EVIL, "city": "Zürich", "tag": "\U000e0041"}
    assert "Zürich" in text
    assert not {"\x1b", "\x9b", "\u202e", "\u200b", "\U000e0041"} & set(text)


def test_lines_keep_their_ends_and_lose_everything_else_unprintable() -> None:
    assert printable_lines("a\tb\nc\x1b[2J\u202e\n").count("\n") == 2
    assert not {"\x1b", "\u202e", "\t"} & set(printable_lines("a\tb\nc\x1b[2J\u202e\n"))


def test_a_log_on_a_terminal_keeps_progress_bars_and_tabs_and_loses_escapes() -> None:
    assert log_text("\x1b[1mepoch\x1b[0m 1\r 50%\tok\x1b]0;title\x07\n") == "epoch 1\r 50%\tok\n"
    assert "\x1b" not in log_text("\x1b")


@pytest.mark.parametrize(("text", "cells", "expected"), [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 5, "日本…")])
def test_cut(text: str, cells: int, expected: str) -> None:
    assert cut(text, cells) == expected


def test_times_in_tables_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "2026-01-02 03:04:05" in table(("At",), [(datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),)])
