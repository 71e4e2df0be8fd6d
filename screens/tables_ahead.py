"""Screens whose keys open tables import in the background what that takes, so that the first press is answered soon."""

from __future__ import annotations

import sys
from contextlib import suppress
from threading import Thread

from screens.base import LapisScreen
from services.imports import import_slowly

MODULES = ("polars", "services.tables.opening", "screens.table.screen")
THREAD = "lapis-imports"


class LeadsToTables(LapisScreen):
    """Imports them once it is painted. Where there is another base class too, that comes first."""

    def on_screen_resume(self) -> None:
        """It has come into view."""
        self.call_after_refresh(_import_ahead)


def _import_ahead() -> None:
    if not sys.modules.keys() >= set(MODULES):
        Thread(target=_import, name=THREAD, daemon=True).start()


def _import() -> None:
    with suppress(ImportError):  # who opens a table is told
        import_slowly(*MODULES)
