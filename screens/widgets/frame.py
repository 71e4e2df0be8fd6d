"""The line above and the line below every screen."""

from __future__ import annotations

from dataclasses import dataclass

from textual.widgets import Static


@dataclass(frozen=True)
class Frame:
    """What the header tells: the workspace, and how many jobs run and wait."""

    workspace: str = ""
    running: int = 0
    queued: int = 0
    read_only: bool = False


class Header(Static):
    """Workspace, place and what runs, in one line."""

    DEFAULT_CSS = "Header { height: 1; dock: top; background: $panel; }"

    def __init__(self, crumbs: str) -> None:
        super().__init__(crumbs, markup=False)
        self.crumbs = crumbs

    def show(self, frame: Frame) -> None:
        """Draw the frame."""
        self.update(f"{frame.workspace}  {self.crumbs}  {frame.running} running")


class Footer(Static):
    """The keys of the moment, as many as fit, in one line."""

    DEFAULT_CSS = "Footer { height: 1; dock: bottom; background: $panel; }"
