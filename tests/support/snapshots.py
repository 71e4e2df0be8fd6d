"""Snapshots of screens: an SVG to look at and a plain text to read in a review.

Why not the plugin: docs/adr/0007-snapshots-through-our-own-fixture.md.
"""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from rich.console import Console
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.app import App
from textual.pilot import Pilot

from tests.support.app import settle

SIZES = [(80, 24), (120, 40)]


class SvgExtension(SingleFileSnapshotExtension):
    """One .svg per snapshot."""

    _write_mode = WriteMode.TEXT
    file_extension = "svg"


class TextExtension(SingleFileSnapshotExtension):
    """One .txt per snapshot."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


def screen_svg(app: App[Any]) -> str:
    """The screen as SVG; ids, which rich derives from the content, are made equal."""
    return re.sub(r"terminal-\d+-", "terminal-", app.export_screenshot(title="Lapis", simplify=True))


def screen_text(app: App[Any]) -> str:
    """The screen as plain text, without spaces at the ends of lines."""
    width, height = app.size
    console = Console(
        width=width,
        height=height,
        file=StringIO(),
        force_terminal=True,
        record=True,
        legacy_windows=False,
        safe_box=False,
    )
    compositor = app.screen._compositor
    console.print(compositor.render_update(full=True, screen_stack=app._background_screens, simplify=True))
    return "\n".join(line.rstrip() for line in console.export_text().splitlines()) + "\n"


class ScreenSnapshot:
    """Compares the screen of a running app with the accepted one."""

    def __init__(self, snapshot: SnapshotAssertion) -> None:
        self._svg = snapshot.use_extension(SvgExtension)
        self._text = snapshot.use_extension(TextExtension)

    async def __call__(self, pilot: Pilot[Any], name: str = "", *, busy: bool = False) -> None:
        """Wait until the app is at rest and compare; `name` tells several snapshots of one test apart.

        Args:
            busy: don't wait for workers: a picture of the loading state, while the fake's gate is closed.
        """
        await settle(pilot, groups=frozenset() if busy else None)
        text = screen_text(pilot.app)
        # Text first: its difference can be read.
        assert self._text(name=name or None) == text
        assert self._svg(name=name or None) == screen_svg(pilot.app)


@pytest.fixture
def screen_snapshot(snapshot: SnapshotAssertion) -> ScreenSnapshot:
    """`await screen_snapshot(pilot)` inside an async test; `make snapshots` accepts what is there."""
    return ScreenSnapshot(snapshot)


@pytest.fixture(params=SIZES, ids=["80x24", "120x40"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Both sizes that every screen must look good at: `app.run_test(size=size)`."""
    value: tuple[int, int] = request.param
    return value
