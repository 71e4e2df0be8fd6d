"""A log is shown from its end at once, and everything else is read as it is needed."""

from __future__ import annotations

import sys
import tracemalloc

import pytest
from textual.events import MouseScrollUp

from screens.widgets.log_window import BLOCK
from services.errors import TransientError
from tests.screens.widgets.logs import LogApp, MemoryLog, lines_of, numbered, pressed
from tests.support.app import settle
from tests.support.snapshots import ScreenSnapshot, screen_text
from tests.support.waiting import eventually
from tests.terminal.terminal import Terminal

SECRET = "sk-" + "a1B2" * 10


def follows(app: LogApp) -> list[bool]:
    return [app.view.follow]


def mixed_log() -> bytes:
    return b"".join(
        [
            b"Training with reg_rate 0.01\n",
            b"\x1b[32mINFO\x1b[0m colours go, \x1b]0;title\x07 and [bold]markup[/bold] is text\r\n",
            "wide 漢字 and emoji \U0001f680, right to left \u202eabc, invalid ".encode() + b"\xff\xfe\n",
            f"connecting with token={SECRET}\n".encode(),
            b" 10%|#         |\r 50%|#####     |\r100%|##########| done\n",
            b"a\ttable\tof\ttabs\n",
            b"\n",
            b"x" * 300 + b" the end of a long line\n",
            *(b"step %d: loss %.4f\n" % (step, 1 / (1 + step / 5)) for step in range(12)),
            b"AUC: 0.8484437",
        ]
    )


async def test_a_log(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with LogApp(MemoryLog(mixed_log())).run_test(size=size) as pilot:
        await screen_snapshot(pilot)


async def test_a_log_that_is_wrapped(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    app = LogApp(MemoryLog(mixed_log()))
    async with app.run_test(size=size) as pilot:
        app.view.wrap = True
        await screen_snapshot(pilot)


async def test_a_log_that_is_searched(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    app = LogApp(MemoryLog(mixed_log()))
    async with app.run_test(size=size) as pilot:
        app.view.search("the end")
        await screen_snapshot(pilot)
        assert app.view.search_text == "1/1"


async def test_a_log_without_lines() -> None:
    app = LogApp(MemoryLog(b""))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "".join(lines_of(pilot)).strip() == ""
        assert app.view.line_count == 0
        assert app.view.cursor_text == ""
        app.view.search("x")
        await pressed(pilot, "up", "down", "home", "end", "pageup")
        assert app.view.search_text == "no match"
        app.grow(b"first\n")
        await settle(pilot)
        assert lines_of(pilot)[0] == "first"


async def test_the_end_is_there_before_the_lines_are_counted() -> None:
    log = MemoryLog(numbered(600_000))
    app = LogApp(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await eventually(lambda: "line 600000" in screen_text(app))
        reads = [limit for offset, limit in log.reads if offset + limit == len(log.data)]
        assert reads[0] <= 2 * BLOCK
        await settle(pilot)
        assert app.view.line_count == 600_000
        assert app.view.line_number == 600_000 - 23


async def test_keys_are_answered_while_the_lines_are_counted() -> None:
    log = MemoryLog(numbered(100_000))
    log.gate.clear()
    log.free = 2 * BLOCK
    app = LogApp(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await eventually(lambda: "line 100000" in screen_text(app))
        await pilot.press("pageup")
        await eventually(lambda: lines_of(pilot)[0] == "line 99954")
        assert app.view.line_count is None
        log.gate.set()
        await settle(pilot)
        assert [app.view.line_count, app.view.line_number] == [100_000, 99_954]


async def test_keys_scroll() -> None:
    app = LogApp(MemoryLog(numbered(100_000)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert lines_of(pilot)[0] == "line 99977"
        for keys, top in [
            (["up"], 99_976),
            (["k", "k"], 99_974),
            (["down"], 99_975),
            (["j"], 99_976),
            (["ctrl+u"], 99_964),
            (["ctrl+d"], 99_976),
            (["pageup", "pageup"], 99_930),
            (["pagedown"], 99_953),
            (["home"], 1),
            (["up", "pageup"], 1),
            (["down", "pagedown"], 25),
            (["end"], 99_977),
            (["ctrl+home"], 1),
            (["ctrl+end"], 99_977),
            (["home", "G"], 99_977),
            (["down", "pagedown"], 99_977),
        ]:
            assert (await pressed(pilot, *keys))[0] == f"line {top}", keys
            assert app.view.line_number == top


async def test_the_wheel_scrolls() -> None:
    app = LogApp(MemoryLog(numbered(100)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot._post_mouse_events([MouseScrollUp], widget=app.view)
        await settle(pilot)
        assert lines_of(pilot)[0] == "line 74"


async def test_a_log_is_read_through_in_both_directions() -> None:
    app = LogApp(MemoryLog(numbered(30_000)))
    async with app.run_test(size=(80, 40)) as pilot:
        await settle(pilot)
        top = 30_000 - 39
        while top > 1:
            app.view.scroll_rows(-1950)
            await settle(pilot)
            top = max(1, top - 1950)
            assert lines_of(pilot)[0] == f"line {top}"
        while top < 30_000 - 39:
            app.view.scroll_rows(1950)
            await settle(pilot)
            top = min(30_000 - 39, top + 1950)
            assert lines_of(pilot)[0] == f"line {top}"


async def test_keys_that_are_faster_than_the_reading_are_made_up_for() -> None:
    log = MemoryLog(numbered(60_000))
    app = LogApp(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        log.gate.clear()
        for _ in range(100):
            app.view.scroll_rows(-200)
        log.gate.set()
        await settle(pilot)
        assert lines_of(pilot)[0] == f"line {60_000 - 23 - 20_000}"


async def test_a_reader_may_return_less_than_it_is_asked_for() -> None:
    log = MemoryLog(numbered(20_000))
    log.most = 50_001
    app = LogApp(log)
    async with app.run_test(size=(80, 24)) as pilot:
        assert (await pressed(pilot, "home", "pagedown"))[0] == "line 24"
        assert app.view.line_count == 20_000


async def test_it_follows_what_grows_until_one_scrolls_up() -> None:
    app = LogApp(MemoryLog(numbered(100)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.grow(b"line 101\nline 102\nline 1")
        await settle(pilot)
        assert lines_of(pilot)[-3:] == ["line 101", "line 102", "line 1"]
        app.grow(b"03\n")
        await settle(pilot)
        assert lines_of(pilot)[-1] == "line 103"
        before = await pressed(pilot, "up")
        assert follows(app) == [False]
        app.grow(numbered(50_000, 104))
        await settle(pilot)
        assert lines_of(pilot) == before
        assert app.view.line_count == 50_103
        await pressed(pilot, "down")
        assert follows(app) == [False]
        assert (await pressed(pilot, "end"))[-1] == "line 50103"
        assert follows(app) == [True]
        app.grow(numbered(1, 50_104))
        await settle(pilot)
        assert lines_of(pilot)[-1] == "line 50104"


async def test_coming_to_the_end_by_rows_follows_again() -> None:
    app = LogApp(MemoryLog(numbered(100)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "up", "up", "down")
        assert follows(app) == [False]
        await pressed(pilot, "down")
        assert follows(app) == [True]


async def test_follow_is_set_and_unset() -> None:
    app = LogApp(MemoryLog(numbered(100)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.view.follow = False
        app.grow(numbered(100, 101))
        await settle(pilot)
        assert lines_of(pilot)[-1] == "line 100"
        app.view.follow = True
        await settle(pilot)
        assert lines_of(pilot)[-1] == "line 200"


async def test_a_burst_of_lines_is_jumped_over() -> None:
    log = MemoryLog(numbered(100))
    app = LogApp(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        log.reads.clear()
        app.grow(numbered(600_000, 101))
        await eventually(lambda: lines_of(pilot)[-1] == "line 600100")
        window = [limit for offset, limit in log.reads if offset + limit == len(log.data)]
        assert window[0] <= 2 * BLOCK


async def test_a_log_that_is_shorter_than_before_begins_anew() -> None:
    log = MemoryLog(numbered(100))
    app = LogApp(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "home")
        app.view.search("again")
        await settle(pilot)
        log.data = b"begun again\n"
        app.view.grow(len(log.data))
        await settle(pilot)
        assert lines_of(pilot)[0] == "begun again"
        assert (app.view.line_count, app.view.search_text, app.view.follow) == (1, "1/1", True)


async def test_another_log_replaces_what_is_being_read() -> None:
    slow = MemoryLog(b"slow\n" * 1000)
    app = LogApp(slow)
    async with app.run_test(size=(80, 24)) as pilot:
        slow.gate.clear()
        app.view.open(slow.read, len(slow.data))
        other = MemoryLog(b"other\n")
        app.view.open(other.read, len(other.data))
        slow.gate.set()
        await settle(pilot)
        assert [line for line in lines_of(pilot) if line] == ["other"]
        assert app.view.line_count == 1


async def test_what_can_t_be_read_is_tried_again() -> None:
    log = MemoryLog(numbered(50_000))
    log.error = TransientError("The connection was lost.")
    app = LogApp(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert [app.view.error] == [log.error]
        log.error = None
        app.view.grow(len(log.data))
        await settle(pilot)
        assert lines_of(pilot)[-1] == "line 50000"
        assert app.view.error is None
        assert app.view.line_count == 50_000


async def test_wrap_breaks_long_lines_and_keeps_the_place() -> None:
    app = LogApp(MemoryLog(b"".join(b"%03d " % n + b"x" * 200 + b"\n" for n in range(100))))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.view.wrap = True
        await settle(pilot)
        assert lines_of(pilot)[-3].startswith("099 xxx")
        await pressed(pilot, "up")
        assert lines_of(pilot)[-1] == "x" * 80
        await pressed(pilot, "home", "down", "down", "down")
        assert lines_of(pilot)[0].startswith("001 ")
        assert app.view.line_number == 2
        app.view.wrap = False
        await settle(pilot)
        assert lines_of(pilot)[:2] == ["001 " + "x" * 75 + "›", "002 " + "x" * 75 + "›"]


async def test_a_line_of_a_megabyte() -> None:
    app = LogApp(MemoryLog(b"before\n" + b"word " * 200_000 + b"needle" + b" word" * 20_000 + b"\nafter\n"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert lines_of(pilot)[-1] == "after"
        assert len(lines_of(pilot)[-2]) == 80
        assert app.view.line_count == 3
        app.view.wrap = True
        await settle(pilot)
        assert (await pressed(pilot, "up"))[-1].count("word") >= 9
        app.view.search("needle")
        await settle(pilot)
        assert "needle" in screen_text(app)
        assert app.view.line_number == 2
        assert (await pressed(pilot, "home"))[0] == "before"
        app.view.scroll_rows(5000)
        await settle(pilot)
        assert sum(line.count("word") > 14 for line in lines_of(pilot)) >= 23


async def test_characters_that_are_cut_by_a_block_are_whole() -> None:
    line = "漢字🚀é" * 20 + "\n"
    count = 3 * BLOCK // len(line.encode())
    app = LogApp(MemoryLog(b"x" + line.encode() * count))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        seen = set()
        for _ in range(count // 39 + 2):
            app.view.action_page(-1)
            await settle(pilot)
            seen |= set(lines_of(pilot))
        assert "�" not in "".join(seen)
        assert len(seen) == 2


async def test_narrow() -> None:
    app = LogApp(MemoryLog(mixed_log()))
    async with app.run_test(size=(1, 1)) as pilot:
        app.view.wrap = True
        await settle(pilot)
        await pressed(pilot, "home", "up", "down", "end", "pageup", "right")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert lines_of(pilot)[-1] == "AUC: 0.8484437"


async def test_another_size_keeps_the_end_in_view() -> None:
    app = LogApp(MemoryLog(numbered(1000)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await pilot.resize_terminal(80, 10)
        await settle(pilot)
        assert lines_of(pilot)[-1] == "line 1000"
        await pressed(pilot, "pageup", "pageup", "pageup", "pageup")
        top = lines_of(pilot)[0]
        await pilot.resize_terminal(60, 30)
        await settle(pilot)
        assert lines_of(pilot)[0] == top


@pytest.mark.slow
async def test_fifty_megabytes_are_shown_in_little_memory() -> None:
    data = numbered(100_000) + b"".join(b"%08d " % n + b"y" * 90 + b"\n" for n in range(500_000))
    log = MemoryLog(data)
    app = LogApp(log)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        tracemalloc.start()
        try:
            await pressed(pilot, "home")
            for _ in range(30):
                app.view.scroll_rows(1000)
                await settle(pilot)
            await pressed(pilot, "end")
            app.view.search("line 99999")
            await settle(pilot)
            used, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert "line 99999" in screen_text(app)
        assert app.view.line_count == 600_000
        assert used < 6_000_000
    assert log.bytes_read < 2.2 * len(data)


def test_a_terminal_moves_the_rows_itself() -> None:
    """In a real terminal: the screen is right after each key, and a row key sends a row."""
    command = [sys.executable, "-m", "tests.screens.widgets.logs", "1000"]
    with Terminal(command, columns=120, lines=40, env={"TEXTUAL_ANIMATIONS": "none"}) as terminal:
        terminal.wait_for("line 1000")

        def expect(top: int, *keys: str) -> int:
            before = len(terminal.received)
            terminal.press(*keys)
            wanted = [f"line {number}" for number in range(top, top + 40)]
            terminal.wait(lambda: terminal.text.split("\n") == wanted, what=f"{keys} to {top}")
            return len(terminal.received) - before

        expect(961)
        assert expect(960, "up") < 400
        assert expect(959, "k") < 400
        assert expect(961, "down", "down") < 800
        assert expect(922, "pageup") < 5_000
        expect(915, *["up"] * 7)
        expect(918, "down", "down", "up", "down", "down")
        expect(1, "home")
        assert expect(2, "j") < 400
        expect(961, "end")
        appended = len(terminal.received)
        terminal.press("a")
        terminal.wait_for("appended 1000")
        assert terminal.text.split("\n")[:1] == ["line 962"]
        assert len(terminal.received) - appended < 400
        assert terminal.leave("q") == 0
