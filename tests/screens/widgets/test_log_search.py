"""The search in a log: over all of it, back and forth, and into what grows."""

from __future__ import annotations

from tests.screens.widgets.logs import LogApp, MemoryLog, lines_of, numbered, pressed
from tests.support.app import settle
from tests.support.snapshots import screen_text


async def test_search_goes_back_and_forth_over_the_whole_log() -> None:
    data = bytearray(b"".join(b"%06d needle\n" % n if n % 10_000 == 5 else b"%06d hay\n" % n for n in range(200_000)))
    app = LogApp(MemoryLog(bytes(data)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pressed(pilot, "home")
        app.view.search("NEEDLE")
        await settle(pilot)
        assert app.view.search_text == "no match"
        app.view.search("needle")
        await settle(pilot)
        assert app.view.search_text == "1/20"
        assert app.view.cursor_text == "000005 needle"
        app.view.action_next_match()
        await settle(pilot)
        assert "010005 needle" in screen_text(app)
        assert app.view.search_text == "2/20"
        assert not app.view.follow
        app.view.action_previous_match()
        app.view.action_previous_match()
        await settle(pilot)
        assert "190005 needle" in screen_text(app)
        assert app.view.search_text == "20/20"
        app.view.action_next_match()
        await settle(pilot)
        assert "000005 needle" in screen_text(app)
        app.view.search("")
        assert app.view.search_text == ""


async def test_from_the_end_the_last_match_is_shown_and_what_grows_is_searched_too() -> None:
    app = LogApp(MemoryLog(b"error 1\n" + numbered(50_000) + b"error 2\n" + numbered(100)))
    async with app.run_test(size=(80, 24)) as pilot:
        app.view.search("error")
        await settle(pilot)
        assert app.view.search_text == "2/2"
        before = lines_of(pilot)
        assert "error 2" in before
        app.grow(b"err")
        app.grow(b"or 3\n")
        await settle(pilot)
        assert app.view.search_text == "2/3"
        assert lines_of(pilot) == before
        app.view.action_next_match()
        await settle(pilot)
        assert "error 3" in lines_of(pilot)


async def test_a_match_in_view_doesn_t_scroll_it() -> None:
    app = LogApp(MemoryLog(numbered(100)))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        before = lines_of(pilot)
        app.view.search("line 9")
        await settle(pilot)
        assert lines_of(pilot) == before
        assert app.view.search_text == "2/11"


async def test_a_search_tells_how_far_it_is() -> None:
    log = MemoryLog(numbered(300_000))
    app = LogApp(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        log.gate.clear()
        app.view.search("line 299999")
        await pilot.pause()
        assert app.view.search_text == "searching 0%"
        log.gate.set()
        await settle(pilot)
        assert app.view.search_text == "1/1"


async def test_a_match_beyond_the_right_edge_is_brought_into_view() -> None:
    app = LogApp(MemoryLog(b"short\n" + b"-" * 500 + b"needle" + b"-" * 500 + b"\n"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert lines_of(pilot)[1] == "-" * 79 + "›"
        app.view.search("needle")
        await settle(pilot)
        assert "needle" in lines_of(pilot)[1]
        assert lines_of(pilot)[0] == "‹"
        for _ in range(30):
            app.view.action_sideways(-1)
        await pressed(pilot, "left")
        assert lines_of(pilot)[0] == "short"
        assert (await pressed(pilot, "right"))[1].endswith("›")
        for _ in range(60):
            app.view.action_sideways(1)
        await settle(pilot)
        assert lines_of(pilot)[1] == "‹" + "-" * 79
