"""What a log view is made of: its window, the index of its lines, its search, and where a view of lines stands."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style

from screens.widgets.line_scroll import LineScroll
from screens.widgets.line_strip import broken, segments, visible
from screens.widgets.log_index import STRETCH, LineIndex
from screens.widgets.log_search import LogSearch
from screens.widgets.log_window import BLOCK, BLOCKS, PART, LogWindow, Segment, shown
from screens.widgets.matching import bytes_pattern, text_pattern
from screens.widgets.text_lines import CHUNK, masked_part, numbered_lines

SECRET = "sk-" + "a1B2" * 10

# lines from nothing to several parts long, with ends of both kinds, overwritten ones, and characters of four bytes
LINES = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 80, PART - 1, PART, PART + 1, 3 * PART, 20_000]),
        st.sampled_from(["x", "ä", "漢", "🚀"]),
        st.sampled_from(["\n", "\r\n"]),
    ),
    min_size=1,
    max_size=40,
)


def log_of(lines: list[tuple[int, str, str]]) -> bytes:
    return b"".join((character * (size // len(character.encode())) + end).encode() for size, character, end in lines)


def window_of(data: bytes, start: int = 0, size: int | None = None) -> LogWindow:
    window = LogWindow()
    window.set(start, data[start:], len(data) if size is None else size)
    return window


def texts(data: bytes) -> list[str]:
    window = window_of(data)
    return [window.text(line) for line in window.lines]


def test_lines_end_as_on_either_system_and_the_last_may_have_no_end() -> None:
    assert texts(b"one\ntwo\r\n\r\n\nthree") == ["one", "two", "", "", "three"]
    assert texts(b"") == []


def test_what_a_progress_bar_has_overwritten_is_not_shown() -> None:
    assert texts(b" 10%|#  |\r 50%|## |\r100%|###|\nnext\n") == ["100%|###|", "next"]
    assert texts(b" 10%|#  |\r 50%|## |\r") == [" 50%|## |"]


def test_a_long_progress_bar_is_one_line() -> None:
    data = b"begin\n" + b"".join(b"\r%3d%%|%s|" % (at // 20, b"#" * 50) for at in range(2000)) + b"\nend\n"
    assert texts(data) == ["begin", " 99%|" + "#" * 50 + "|", "end"]


def test_what_comes_from_outside_is_made_visible() -> None:
    line = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J a\tb \u202eabc \x00"
    assert texts(line.encode() + b"\n") == ["red ␛]0;title␇ ‹U+009B›2J a    b ‹U+202E›abc ␀"]
    assert texts(b"caf\xc3\xa9 \xff\xfe end\n") == ["café �� end"]


def test_secrets_are_masked_also_where_a_line_is_broken() -> None:
    assert texts(f"token={SECRET}\n".encode()) == ["token=<redacted>"]
    for shift in (0, 1, 2, 10, len(SECRET) - 1, len(SECRET), len(SECRET) + 1):
        data = (" " * (PART - shift) + SECRET + " " + "x" * PART * 2 + "\n").encode()
        parts = texts(data)
        assert len(parts) > 1
        assert not re.search(r"a1B2", "".join(parts)), shift
        assert "<redacted>" in "".join(parts)


def test_text_beside_a_secret_is_kept() -> None:
    assert masked_part("before token=abcdef", "ghi after", " more") == " after"
    assert masked_part("", "before token=abc", "def after") == "before token=<redacted>"
    assert masked_part("one ", "two ", "three") == "two "


def test_a_line_of_a_megabyte_is_shown_in_parts() -> None:
    data = b"before\n" + b"y" * (1 << 18) + b"\nafter\n"
    window = window_of(data[: BLOCK * BLOCKS], size=len(data))
    assert all(line.end - line.start < 2 * PART for line in window.lines)
    assert "".join(map(window.text, window.lines[1:])).strip("y") == ""
    first, *_ = window.lines[1:]
    assert first.first
    assert not first.last


@settings(max_examples=60, deadline=None)
@given(lines=LINES, back=st.integers(1, BLOCKS))
def test_lines_are_the_same_wherever_the_window_begins(lines: list[tuple[int, str, str]], back: int) -> None:
    data = log_of(lines)
    whole = window_of(data)
    start = max(0, len(data) // BLOCK - back) * BLOCK
    window = window_of(data, start)
    count = len(window.lines)
    assert window.lines == (whole.lines[-count:] if count else [])
    assert window.start == 0 or count == 0 or window.lines[0].start - start <= 2 * PART
    for left, right in pairwise(whole.lines):
        assert left.end <= right.start
    assert "".join(map(whole.text, whole.lines)) == "".join(shown(line) for line in re.split("\r?\n", data.decode()))


@settings(max_examples=40, deadline=None)
@given(lines=LINES, cut=st.integers(0, 100_000))
def test_a_window_that_is_extended_has_the_lines_of_the_whole(lines: list[tuple[int, str, str]], cut: int) -> None:
    data = log_of(lines)[: BLOCK * BLOCKS]
    start, cut = (len(data) // 2) // BLOCK * BLOCK, min(cut, len(data))
    window = LogWindow()
    window.set(start, data[start : max(start, cut)], len(data))
    window.append(data[max(start, cut) :], len(data))
    window.prepend(data[:start], len(data))
    assert window.lines == window_of(data).lines


def test_a_window_keeps_to_its_size() -> None:
    data = b"some line\n" * 100_000
    window = LogWindow()
    window.set(0, data[:BLOCK], len(data))
    while window.end < len(data):
        window.append(data[window.end : window.end + 100_000], len(data))
        assert window.end - window.start <= BLOCK * BLOCKS
    while window.start:
        window.prepend(data[window.start - BLOCK : window.start], len(data))
        assert window.end - window.start <= BLOCK * BLOCKS
    assert window.lines[0] == Segment(0, 9, first=True, last=True)


def test_the_line_at_an_offset() -> None:
    window = window_of(b"one\ntwo\nthree\n")
    assert [window.at(offset) for offset in (0, 3, 4, 8, 100)] == [0, 0, 1, 2, 2]
    assert [window.newlines_before(offset) for offset in (0, 4, 8)] == [0, 1, 2]


@given(data=st.binary(max_size=300).map(lambda raw: raw * 1000), step=st.integers(1, 90_000))
@settings(max_examples=40, deadline=None)
def test_the_index_counts_lines(data: bytes, step: int) -> None:
    index = LineIndex()
    for at in range(0, len(data), step):
        index.feed(data[at : at + step])
    assert index.position == len(data)
    assert index.lines == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
    for start in range(0, len(data) + 1, STRETCH):
        assert index.lines_before(start) == data.count(b"\n", 0, start)
    assert index.lines_before(len(data) // STRETCH * STRETCH + STRETCH) is None


def found(text: str, data: bytes, step: int = 1 << 20) -> list[int]:
    search = LogSearch(text)
    for at in range(0, len(data), step):
        search.feed(data[at : at + step])
    return [search.offset(number) for number in range(len(search))]


@given(
    words=st.lists(st.sampled_from(["alpha", "beta", "ALPHA", "\n", "\r\n", "x" * 200, "é"]), max_size=200),
    step=st.integers(1, 300),
)
@settings(max_examples=80, deadline=None)
def test_a_search_in_slices_finds_the_lines_that_have_the_text(words: list[str], step: int) -> None:
    data = " ".join(words).encode()
    lines = []
    at = 0
    for line in data.split(b"\n"):
        if (place := line.lower().find(b"alpha")) >= 0:
            lines.append(at + place)
        at += len(line) + 1
    assert found("alpha", data, step) == lines


def test_case_counts_when_there_are_capitals() -> None:
    data = "Größe\ngrösse\nGRÖSSE\n".encode()
    assert len(found("grö", data)) == 3
    assert len(found("Grö", data)) == 1
    assert text_pattern("a.b").search("xA.B")
    assert not text_pattern("a.b").search("axb")
    assert bytes_pattern("漢", coloured=False).search("漢字".encode())


def test_colours_don_t_hide_a_text_from_the_search() -> None:
    assert found("value error", b"\x1b[1;31mValue\x1b[0m \x1b[31merror\x1b[0m\n") == [7]


def test_what_is_overwritten_is_not_found() -> None:
    assert found("50%", b" 50%|\r100%|\n 50%\r\n") == [13]


def test_a_line_without_end_is_searched_too_and_again_when_it_grows() -> None:
    search = LogSearch("needle")
    search.feed(b"x" * 300_000 + b"nee")
    assert len(search) == 0
    search.feed(b"dle" + b"x" * 300_000)
    assert [search.offset(0), len(search)] == [300_000, 1]
    search.feed(b"\nthe last needle")
    assert search.offset(1) == 600_007 + len("the last ")
    search.feed(b"s\n")
    assert len(search) == 2
    assert [search.first_from(offset) for offset in (0, 300_000, 300_001, 700_000)] == [0, 0, 1, 2]


def scroll_of(*heights: int) -> LineScroll:
    return LineScroll(lambda: len(heights), lambda line: heights[line])


def test_a_view_moves_by_rows_and_tells_what_is_left() -> None:
    place = scroll_of(1, 3, 1, 2, 1)
    assert place.rows(4) == [(0, 0), (1, 0), (1, 1), (1, 2)]
    assert place.move(2, 4) == 0
    assert place.rows(4) == [(1, 1), (1, 2), (2, 0), (3, 0)]
    assert place.move(5, 4) == 3
    assert place.at_end(4)
    assert place.rows(4) == [(2, 0), (3, 0), (3, 1), (4, 0)]
    assert place.move(-2, 4) == 0
    assert (place.top, place.row) == (1, 1)
    assert place.move(-9, 4) == -7


def test_a_view_stays_within_the_lines() -> None:
    place = scroll_of(1, 1, 4)
    place.to_line(2, 3)
    assert (place.top, place.row) == (2, 0)
    place.to_end(3)
    assert (place.top, place.row) == (2, 1)
    place.to_line(1, 6, above=5)
    assert (place.top, place.row) == (0, 0)
    empty = scroll_of()
    empty.to_end(5)
    empty.to_line(3, 5)
    assert empty.rows(5) == []
    assert empty.at_end(5)


@pytest.mark.parametrize(
    ("left", "expected"),
    [(0, "ab漢"), (1, "b漢c"), (2, "漢c"), (3, " c漢"), (4, "c漢d"), (5, "漢d"), (6, " d"), (8, ""), (20, "")],
)
def test_wide_characters_are_cut_to_blanks(left: int, expected: str) -> None:
    text = "ab漢c漢d"
    assert "".join(segment.text for segment in segments(text, visible(text, left, 4), Style(), ())) == expected


def test_spans_lie_over_a_part() -> None:
    plain, red, bold = Style(), Style(color="red"), Style(bold=True)
    part = broken("abcdefgh", 4)[1]
    spans = [(0, 6, red), (5, 7, bold)]
    assert [(s.text, s.style) for s in segments("abcdefgh", part, plain, spans)] == [
        ("e", red), ("fg", bold), ("h", plain),
    ]  # fmt: skip


def test_a_text_comes_in_chunks_with_its_numbers() -> None:
    lines = [f"line {number} " + "x" * (number * 37 % 9000) for number in range(1, 200)]
    text = "\r\n".join(lines) + "\n"
    chunks = list(numbered_lines(text))
    assert len(chunks) > 10
    parts = [part for chunk in chunks for part in chunk]
    assert [number for number, _ in parts if number] == list(range(1, 200))
    assert "".join(part for _, part in parts) == "".join(lines)
    assert all(len(part) <= PART for _, part in parts)
    assert list(numbered_lines("")) == []
    assert list(numbered_lines("a\n\nb\n\n")) == [[(1, "a"), (2, ""), (3, "b"), (4, "")]]


def test_secrets_are_masked_also_where_a_chunk_ends() -> None:
    for shift in (0, 1, 10, len(SECRET), len(SECRET) + 1):
        text = "y" * (CHUNK - shift - 1) + " " + SECRET + " " + "y" * CHUNK
        shown = "".join(part for chunk in numbered_lines(text) for _, part in chunk)
        assert "a1B2" not in shown
        assert "<redacted>" in shown
    key = "-----BEGIN PRIVATE KEY-----\n" + "MIIabc+/\n" * 100 + "-----END PRIVATE KEY-----\n"
    for shift in range(0, len(key), 300):
        text = "line\n" * ((CHUNK - shift) // 5) + key + "line\n" * 10_000
        assert "MIIabc" not in "".join(part for chunk in numbered_lines(text) for _, part in chunk), shift
