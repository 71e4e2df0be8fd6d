"""What completes the subject of a command: names from the workspace, files, themes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from services.entities import JobQuery
from services.errors import ServiceError
from services.text import safe
from services.workspace import Workspace

LIMIT = 50


class Completer:
    """Finds names that begin with a text; nothing when the workspace doesn't answer."""

    def __init__(self, workspace: Workspace, themes: Iterable[str]) -> None:
        self._workspace = workspace
        self._themes = sorted(themes)

    async def subjects(self, kind: str, text: str) -> Sequence[tuple[str, str]]:
        """Names and what to say beside them, at most 50."""
        try:
            found = await self._find(kind, text)
        except ServiceError:
            return ()
        return [(name, safe(note)) for name, note in found if name.startswith(text)][:LIMIT]

    async def _find(self, kind: str, text: str) -> Sequence[tuple[str, str]]:
        workspace = self._workspace
        match kind:
            case "job":
                page = await workspace.jobs.list(JobQuery(text=text), None, LIMIT)
                return [(job.name, f"{job.status} {job.display_name}") for job in page.items]
            case "data":
                return [(asset.name, asset.type) for asset in await workspace.data.list(text)]
            case "model":
                return [(model.name, model.type) for model in await workspace.models.list(text)]
            case "datastore":
                return [(store.name, store.type) for store in await workspace.datastores.list()]
            case "file":
                return await asyncio.to_thread(_files, text)
            case "source":
                assets = await workspace.data.list() if "azureml:".startswith(text[:8]) else ()
                named = [(f"azureml:{asset.name}:{asset.version}", asset.type) for asset in assets]
                return [*named, *await asyncio.to_thread(_files, text)]
            case "theme":
                return [(name, "") for name in self._themes]
        return ()


def _files(text: str) -> list[tuple[str, str]]:
    """Folders and files that begin with a path; hidden ones only when asked for."""
    head, slash, start = text.rpartition("/")
    try:
        folder = Path(head + slash or ".").expanduser()
        entries = sorted(folder.iterdir(), key=lambda path: (not path.is_dir(), path.name))
    except (OSError, RuntimeError):
        return []
    return [
        (head + slash + path.name + ("/" if path.is_dir() else ""), "")
        for path in entries
        if path.name.startswith(start) and (start.startswith(".") or not path.name.startswith("."))
        and path.name.isprintable()
    ]  # fmt: skip
