"""Text to read: numbered, coloured by the kind of file, searched, safe."""

from __future__ import annotations

import time

from textual.app import ComposeResult
from textual.pilot import Pilot

from screens.widgets.text_lines import PART
from screens.widgets.text_view import HIGHLIGHTED, TextView
from tests.support.app import settle
from tests.support.snapshots import ScreenSnapshot, screen_text
from tui.theme import Look

PYTHON = '''\
"""Train a model."""

import mlflow


@profile
class Trainer:
\t# tabs are four cells
\tdef fit(self, rate: float = 0.01) -> None:
\t\tmlflow.log_param("rate", rate)  # 漢字 and \u202ehidden
\t\tpassword = "hunter2secret"
\t\treturn None  # a comment that goes on beyond the right edge of the narrow screen, and then a little further
'''
YAML = "$schema: https://x\ntype: command\ninputs:\n  rate: 0.01  # a comment\n  text: 'two words'\nflag: true\n"


class TextApp(Look):
    """Shows a text, with the real theme."""

    def __init__(self, text: str, file_name: str = "") -> None:
        super().__init__()
        self.first = (text, file_name)

    def compose(self) -> ComposeResult:
        yield TextView()

    def on_mount(self) -> None:
        self.view.set_text(*self.first)
        self.view.focus()

    @property
    def view(self) -> TextView:
        return self.query_one(TextView)

    def style_of(self, text: str) -> str:
        """The colour of a piece of text that is one segment."""
        for y in range(self.size.height):
            for segment in self.view.render_line(y):
                if segment.text.strip() == text and segment.style and segment.style.color:
                    return segment.style.color.name
        return ""


def lines_of(pilot: Pilot[None]) -> list[str]:
    return screen_text(pilot.app).splitlines()


async def test_code(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with TextApp(PYTHON, "src/train.py").run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_yaml_that_is_searched(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    app = TextApp(YAML, "job.yml")
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        app.view.search("comm")
        await screen_snapshot(pilot)
        assert app.view.search_text == "1/2"


async def test_the_name_of_the_file_chooses_the_colours() -> None:
    app = TextApp(YAML, "job.yml")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        key, comment, string = (app.style_of(text) for text in ("type", "# a comment", "'two"))
        assert len({key, comment, string, ""}) == 4
        app.view.set_text(YAML, "nothing.known")
        await settle(pilot)
        assert app.style_of("# a comment") == ""
        app.view.set_text(YAML, "model/MLmodel")
        await settle(pilot)
        assert app.style_of("# a comment") == comment


async def test_a_long_text_stays_plain_and_is_there_at_once() -> None:
    text = "x = 1  # note\n" * (4_000_000 // 14)
    assert len(text) > HIGHLIGHTED
    app = TextApp("", "")
    async with app.run_test(size=(80, 24)) as pilot:
        begin = time.process_time()
        app.view.set_text(text, "big.py")
        assert time.process_time() - begin < 0.5
        assert screen_text(app).startswith("     1  x = 1  # note\n")
        await settle(pilot)
        assert lines_of(pilot)[0] == "     1  x = 1  # note"
        assert app.style_of("# note") == ""
        await pilot.press("end")
        assert lines_of(pilot)[-1] == "285714  x = 1  # note"


async def test_the_same_text_is_left_alone() -> None:
    app = TextApp(PYTHON * 20, "a.py")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.press("pagedown", "right")
        await settle(pilot)
        before = lines_of(pilot)
        painted: list[object] = []
        app.view.refresh = lambda *regions, **_: painted.append(regions) or app.view  # type: ignore[method-assign,func-returns-value]
        app.view.set_text(PYTHON * 20, "a.py")
        app.view.redraw()
        assert painted == []
        assert lines_of(pilot) == before
        app.view.set_text("other\n", "a.py")
        assert painted


async def test_only_rows_that_differ_are_painted() -> None:
    app = TextApp("".join(f"line {number}\n" for number in range(10)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        rows: set[int] = set()
        app.view.refresh = lambda *regions, **_: rows.update(r.y for r in regions) or app.view  # type: ignore[method-assign,func-returns-value]
        app.view.search("line 3")
        assert rows == {3}


async def test_secrets_and_controls_are_never_shown() -> None:
    text = "password = 'hunter2secret'\n\x1b[2J\x1b]0;title\x07\r\nkey:\n\u202eabc\n[bold]x[/bold]\n"
    app = TextApp(text, "a.ini")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert lines_of(pilot)[:5] == [
            "1  password = '<redacted>'",
            "2  ␛[2J␛]0;title␇",
            "3  key:",
            "4  ‹U+202E›abc",
            "5  [bold]x[/bold]",
        ]
        assert app.view.text == text


async def test_a_very_long_line_is_shown_in_parts() -> None:
    app = TextApp("short\n" + "word " * 200_000 + "needle\nend", "a.json")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert lines_of(pilot)[1].startswith("2  word")
        assert lines_of(pilot)[2].startswith("   ")
        app.view.search("needle")
        await settle(pilot)
        assert "needle" in screen_text(app)
        await pilot.press("end")
        assert lines_of(pilot)[-1].startswith("3  ")
        assert all(len(app.view.line_text(line)) <= PART for line in range(app.view.line_total()))


async def test_search_goes_round() -> None:
    app = TextApp("".join(f"{'Needle' if number % 50 == 0 else 'hay'} {number}\n" for number in range(200)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        for word, told in [("Needle", "1/4"), ("needle", "1/4"), ("NEEDLE", "no match"), ("", ""), ("needle", "1/4")]:
            app.view.search(word)
            assert app.view.search_text == told
        app.view.action_next_match()
        await settle(pilot)
        assert app.view.search_text == "2/4"
        assert " 51  Needle 50" in lines_of(pilot)
        app.view.action_previous_match()
        app.view.action_previous_match()
        await settle(pilot)
        assert app.view.search_text == "4/4"
        assert "151  Needle 150" in lines_of(pilot)
        app.view.search("needle")
        await settle(pilot)
        assert app.view.search_text == "4/4"


async def test_keys_scroll_sideways_and_wrap() -> None:
    app = TextApp("a" * 100 + "b" * 100 + "\nsecond\n", "")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert lines_of(pilot)[0] == "1  " + "a" * 76 + "›"
        await pilot.press(*["right"] * 9)
        assert lines_of(pilot)[0] == "1  ‹" + "b" * 76
        assert lines_of(pilot)[1] == "2  ‹"
        app.view.wrap = True
        await settle(pilot)
        assert lines_of(pilot)[:4] == ["1  " + "a" * 77, "   " + "a" * 23 + "b" * 54, "   " + "b" * 46, "2  second"]
        await pilot.press("right")
        assert lines_of(pilot)[3] == "2  second"


async def test_without_text() -> None:
    app = TextApp("", "a.py")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.view.search("x")
        await pilot.press("up", "down", "home", "end", "pageup", "left", "right")
        app.view.action_next_match()
        assert app.view.search_text == "no match"
        assert "".join(lines_of(pilot)).strip() == ""


async def test_narrow() -> None:
    app = TextApp(PYTHON, "a.py")
    async with app.run_test(size=(2, 1)) as pilot:
        await settle(pilot)
        app.view.wrap = True
        await pilot.press("down", "end", "home")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert lines_of(pilot)[0] == ' 1  """Train a model."""'
