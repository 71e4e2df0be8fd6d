"""What is sent for a screen that changes, judged by a terminal in memory."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from hashlib import md5

import pyte
import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from tests.support.painted import look
from tui.pens import PLAIN, change, pen_of
from tui.shown_cells import Piece, ShownCells

SIZE = Size(60, 16)
STYLES = [
    Style.parse(text)
    for text in ("", "on blue", "bold red on blue", "green", "underline", "reverse cyan", "#abcdef on #123456", "dim")
]
WORDS = ("plucky", "lake", "  ", "          ", "✓ done", "漢字", "e\u0301", "│", "0.25", "line")
NARROW = tuple(word for word in WORDS if word.isascii() or word in "│✓ done")


class Shown:
    """Cells, and the terminal that gets what is sent for them, beside one that gets all."""

    def __init__(self, size: Size = SIZE) -> None:
        self.size = size
        self.console = Console(force_terminal=True, color_system="truecolor", width=size.width)
        self.cells = ShownCells()
        self.terminals = [pyte.Screen(size.width, size.height) for _ in range(2)]

    def show(self, pieces: Iterable[Piece]) -> str:
        pieces = list(pieces)
        sent = self.cells.show(pieces, self.size, self.console)
        all_of_it = "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(self.console)}" for x, y, strip in pieces)
        for terminal, text in zip(self.terminals, (sent, all_of_it), strict=True):
            pyte.Stream(terminal).feed(text)
        return sent

    def text(self, *lines: str, style: Style | None = None) -> str:
        """Show lines of text, from the first on."""
        width = self.size.width
        strips = [Strip([Segment(line, style)]).adjust_cell_length(width, style) for line in lines]
        return self.show(Piece(0, y, strip) for y, strip in enumerate(strips))

    def check(self) -> None:
        cells = [(x, y) for y in range(self.size.height) for x in range(self.size.width)]
        both = [(x, y, *(look(terminal.buffer[y][x]) for terminal in self.terminals)) for x, y in cells]
        assert not [f"at {x},{y} is {now}, meant {meant}" for x, y, now, meant in both if now != meant]


def lines(first: int, count: int = 16) -> list[str]:
    return [f"line {number} {md5(b'%d' % number).hexdigest()}" for number in range(first, first + count)]


def strip_at_random(chance: random.Random, words: Sequence[str], width: int) -> Strip:
    segments = [Segment(chance.choice(words), chance.choice(STYLES)) for _ in range(8)]
    return Strip(segments).adjust_cell_length(width, chance.choice(STYLES))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("wide", [False, True], ids=["narrow", "wide"])
def test_whatever_is_shown_after_whatever_else(seed: int, wide: bool) -> None:
    """Of wide characters none is covered by half: what is left of it is up to the terminal."""
    chance = random.Random(seed)
    shown = Shown()
    words, width, kinds = (WORDS, 60, ("scroll", "row")) if wide else (NARROW, 40, ("scroll", "scroll", "piece", "row"))
    rows = [strip_at_random(chance, words, width) for _ in range(40)]
    top = 10
    for _ in range(25):
        kind = chance.choice(kinds)
        if kind == "scroll":
            top = max(0, min(len(rows) - 14, top + chance.randint(-9, 9)))
            shown.show(Piece(0, y, rows[top + y]) for y in range(chance.randint(0, 3), 14))
        elif kind == "piece":
            x = chance.randint(0, 50)
            shown.show([Piece(x, chance.randint(0, 15), strip_at_random(chance, words, chance.randint(1, 60 - x)))])
        else:
            shown.show(Piece(0, y, strip_at_random(chance, words, 60)) for y in chance.sample(range(16), 3))
        shown.check()


def test_what_is_left_of_a_wide_character_that_is_covered_by_half_is_sent() -> None:
    shown = Shown()
    shown.text("漢字 end")
    shown.show([Piece(1, 0, Strip([Segment("ab")]))])
    shown.text(" ab  end")
    shown.check()


def test_what_is_there_already_is_not_sent() -> None:
    shown = Shown()
    shown.text(*lines(1))
    assert shown.text(*lines(1)) == ""


def test_of_a_row_only_the_cells_that_differ_are_sent() -> None:
    shown = Shown()
    shown.text("epoch 12  loss 0.250", style=STYLES[1])
    assert shown.text("epoch 13  loss 0.249", style=STYLES[1]) == "\x1b[1;8H\x1b[44m3\x1b[19G49\x1b[m"
    shown.check()


def test_a_space_looks_the_same_in_any_colour_but_not_when_it_is_underlined() -> None:
    shown = Shown()
    shown.text("   ", style=Style.parse("red on blue"))
    assert shown.text("   ", style=Style.parse("bold green on blue")) == ""
    assert shown.text("   ", style=Style.parse("underline on blue"))
    shown.check()


@pytest.mark.parametrize("by", [1, -1, 5])
def test_the_terminal_moves_rows_beside_what_stays(by: int) -> None:
    shown = Shown()
    beside = Strip([Segment("│ it stays  ", STYLES[3])])
    shown.text(*lines(20))
    shown.show(Piece(48, y, beside) for y in (3, 4, 5))
    moved = [Piece(0, y, Strip([Segment(line.ljust(48)[:48])])) for y, line in enumerate(lines(20 + by))]
    sent = shown.show(moved)
    shown.check()
    assert sent.startswith("\x1b[1;16r")
    assert len(sent) < 600


def test_of_pieces_that_overlap_the_last_one_is_shown() -> None:
    shown = Shown()
    shown.text("before")
    pieces = [Piece(0, 0, Strip([Segment(text)])) for text in ("after ", "before")]
    shown.show(pieces)
    shown.check()


def test_rows_are_not_moved_when_writing_them_is_less() -> None:
    shown = Shown()
    shown.text("a", "b", "c", "d")
    assert "r" not in shown.text("b", "c", "d", "e")
    shown.check()


def test_rows_beside_what_is_unknown_are_not_moved() -> None:
    shown = Shown()
    shown.show(Piece(0, y, Strip([Segment(line.ljust(50)[:50])])) for y, line in enumerate(lines(1)))
    assert "\x1b[1;16r" not in shown.show(
        Piece(0, y, Strip([Segment(line.ljust(50)[:50])])) for y, line in enumerate(lines(2))
    )
    shown.check()


def test_all_is_sent_again_once_it_was_forgotten_and_at_another_size() -> None:
    shown = Shown()
    first = shown.text(*lines(1))
    shown.cells.forget()
    assert shown.text(*lines(1)) == first
    shown.size = Size(40, 10)
    sent = shown.text(*[line[:40] for line in lines(1, 10)])
    assert all(line[:40].strip() in sent for line in lines(1, 10))


def test_what_is_out_of_the_terminal_is_left_out() -> None:
    shown = Shown()
    shown.show([Piece(55, 0, Strip([Segment("0123456789")])), Piece(0, 16, Strip([Segment("below")]))])
    assert "".join(cell.data for _, cell in sorted(shown.terminals[0].buffer[0].items()))[-5:] == "01234"
    assert "below" not in "".join(shown.terminals[0].display)


def test_links_and_characters_without_a_cell_are_sent_as_they_are() -> None:
    shown = Shown()
    link = Strip([Segment("docs", Style(link="https://example.com"))])
    assert "https://example.com" in shown.show([Piece(0, 0, link)])
    assert "e\u0301tude" in shown.show([Piece(0, 1, Strip([Segment("e\u0301tude")]))])
    shown.check()


@pytest.mark.parametrize(
    ("before", "after", "sent"),
    [
        ("1;31;44", "1;32;44", "\x1b[32m"),
        ("31;44", "31", "\x1b[49m"),
        ("31", "38;2;1;2;3;48;5;7", "\x1b[38;2;1;2;3;48;5;7m"),
        ("1;31", "31", "\x1b[0;31m"),
        ("92;100", "", "\x1b[m"),
        ("31", "44", "\x1b[39;44m"),
    ],
)
def test_the_way_from_pen_to_pen(before: str, after: str, sent: str) -> None:
    assert change(pen_of(before), pen_of(after)) == sent
    assert change(PLAIN, PLAIN) == ""
