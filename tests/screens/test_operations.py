"""What goes on in the background, over any screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rich.console import RenderableType
from textual.app import App
from textual.screen import Screen

from screens.operations import OperationsScreen, progress_text
from services.errors import UserError
from services.operations import Operation, OperationLog, OperationState
from tests.support.app import settle
from tests.support.entities import HOSTILE
from tests.support.keys import shows, text_of
from tests.support.snapshots import ScreenSnapshot
from tests.support.waiting import eventually

QUOTA = UserError(
    "The family NCSv3 has 0 of 0 vCPUs left in westeurope.",
    title="The quota is used up",
    advice="Ask for more in the Azure portal under Quotas, or choose another size.",
    request_id="8f2c-11",
)
OPERATIONS = (
    Operation(5, "Upload", "calm_reef_2", done=12_300_000, total=40_000_000, detail="3 of 8 files", started=0.0),
    Operation(4, "Create", "cpu-cluster", detail="Creating", started=20.0),
    Operation(3, "Create", "gpu-cheap", OperationState.FAILED, started=0.0, ended=3.0, error=QUOTA),
    Operation(2, "Start", HOSTILE, OperationState.SUCCEEDED, started=1.0, ended=42.0),
    Operation(1, "Download", "keen_star_4", OperationState.SUCCEEDED, done=512_000, started=1.0, ended=2.0),
)


class Host(App[None]):
    """Lays the operations over an empty screen, and counts what would be sent to a terminal."""

    drawn = 0

    def __init__(self, operations: tuple[Operation, ...] | OperationLog) -> None:
        super().__init__()
        self.operations = operations

    def on_mount(self) -> None:
        held = self.operations
        read = held.list if isinstance(held, OperationLog) else lambda: held
        self.push_screen(OperationsScreen(read, now=lambda: 80.0))

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.drawn += renderable is not None
        super()._display(screen, renderable)


async def test_all_states(size: tuple[int, int], screen_snapshot: ScreenSnapshot) -> None:
    async with Host(OPERATIONS).run_test(size=size) as pilot:
        await screen_snapshot(pilot)
        assert "\x1b" not in text_of(pilot)


async def test_none(screen_snapshot: ScreenSnapshot) -> None:
    async with Host(()).run_test(size=(80, 24)) as pilot:
        await screen_snapshot(pilot)


async def test_it_follows_and_rests() -> None:
    log = OperationLog()
    number = log.begin("Upload", "src", total=4_000_000)
    app = Host(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        log.progress(number, done=1_000_000, detail="1 of 2 files")
        await eventually(lambda: shows(pilot, " 25 %  1.0 of 4.0 MB · 1 of 2 files"))
        log.succeed(number)
        await eventually(lambda: shows(pilot, "✓ Succeeded  Upload src"))
        await settle(pilot)
        overlay = app.screen
        assert isinstance(overlay, OperationsScreen)
        drawn = app.drawn
        overlay.show()
        await settle(pilot)
        assert app.drawn == drawn
        await pilot.press("O")
        await settle(pilot)
        assert not isinstance(app.screen, OperationsScreen)


@pytest.mark.parametrize(
    ("done", "total", "detail", "text"),
    [
        (0, 0, "", ""),
        (0, 0, "Creating", "Creating"),
        (512_000, 0, "", "512 kB"),
        (512_000, 40_000_000, "", "512 kB of 40 MB"),
        (12_300_000, 40_000_000, "3 of 8 files", "12 of 40 MB · 3 of 8 files"),
        (0, 0, "?sig=abcdefghijklmnop", "?sig=<redacted>"),
    ],
)
def test_progress(done: int, total: int, detail: str, text: str) -> None:
    assert progress_text(replace(OPERATIONS[0], done=done, total=total, detail=detail)) == text
