"""Runs the app: settings before, signals meanwhile, the exit code after."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from dataclasses import replace

from services.connect import open_workspace
from services.errors import ServiceError
from services.targets import WorkspaceTarget
from tui.app import LapisApp
from tui.driver import SteadyDriver
from tui.settings import read_settings


async def _run(app: LapisApp) -> int:
    def leave(number: int) -> None:
        app.exit(return_code=128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, leave, number)
    try:
        await app.run_async(mouse=not app.settings.low_bandwidth)
    finally:
        app.session.flush()
        with suppress(ServiceError):
            await app.workspace.close()
        await app.connector.close()
    return app.return_code or 0


def run(target: WorkspaceTarget, *, read_only: bool = False, low_bandwidth: bool = False) -> int:
    """Open Lapis on a workspace and return the exit code once the user has left.

    Raises SettingsError before anything is drawn.
    """
    file = read_settings()
    settings = file.settings
    keymap: dict[str, str] = {}
    if settings.keys:
        from tui.keymap import checked_keymap

        keymap = checked_keymap(file)
    file = replace(
        file,
        settings=replace(
            settings,
            read_only=settings.read_only or read_only,
            low_bandwidth=settings.low_bandwidth or low_bandwidth,
        ),
    )
    app = LapisApp(open_workspace, target, file=file, keymap=keymap, driver_class=SteadyDriver)
    if settings.theme not in app.available_themes:
        raise file.error(
            "theme", f"there is no theme {settings.theme}; there are {', '.join(sorted(app.available_themes))}"
        )
    return asyncio.run(_run(app))
