"""Opening the folder of a local workspace, or making a new one."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.errors import MachineError, WorkspaceError
from services.local import events
from services.local.database import Database
from services.local.layout import DATASTORES, LAYOUT_VERSION, Layout

LOCK = ".lapis.lock"
"""Held while a workspace is made, so that two that start at once make one."""
HARMLESS = {LOCK, ".DS_Store", "lost+found"}
"""What a folder may hold and still count as empty."""
ANOTHER = "Choose another folder with -w, or set LAPIS_WORKSPACE."


@dataclass(frozen=True)
class OpenedFolder:
    """A workspace folder that was found good.

    Attributes:
        slots: how many jobs run at once; `slots` in workspace.json, else the number of CPUs.
    """

    layout: Layout
    name: str
    created_at: datetime | None
    slots: int
    read_only: bool


def open_folder(folder: Path) -> OpenedFolder:
    """Open the workspace in a folder, or make one if the folder is missing or empty.

    Raises WorkspaceError and, on a full disk, MachineError.
    """
    try:
        layout = Layout(folder.expanduser().resolve())
        if not layout.marker.exists():
            _make(layout)
        content = _read_marker(layout)
        read_only = not _is_writable(layout.root)
    except (OSError, RuntimeError) as error:
        raise _cannot(folder, error) from error
    _check(layout, content, read_only=read_only)
    return OpenedFolder(
        layout, str(content.get("name") or layout.root.name), _created_at(content), _slots(content), read_only
    )


def _read_marker(layout: Layout) -> dict[str, Any]:
    try:
        content = json.loads(layout.marker.read_text("utf-8"))
        if not isinstance(content, dict) or not isinstance(content.get("layout"), int):
            raise ValueError("it names no layout")
    except ValueError as error:
        raise WorkspaceError(
            f"{layout.marker} can't be read: {error}.",
            title="The workspace is damaged",
            advice=f"Restore that file from a backup. {ANOTHER}",
        ) from error
    return content


def _check(layout: Layout, content: dict[str, Any], *, read_only: bool) -> None:
    if content["layout"] > LAYOUT_VERSION:
        raise WorkspaceError(
            f"{layout.root} has layout {content['layout']} of a newer Lapis; this one knows {LAYOUT_VERSION}.",
            title="The workspace is from a newer Lapis",
            advice=f"Update Lapis. {ANOTHER}",
        )
    if not layout.database.is_file():
        raise WorkspaceError(
            f"{layout.database} is missing.",
            title="The workspace is damaged",
            advice=f"Restore that file from a backup. {ANOTHER}",
        )
    database = Database(layout.database, read_only=read_only)
    database.check()
    with database.read() as connection:
        connection.execute("SELECT (SELECT COUNT(*) FROM jobs), (SELECT COUNT(*) FROM data_assets)").fetchone()


def _created_at(content: dict[str, Any]) -> datetime | None:
    with suppress(ValueError, TypeError):
        return datetime.fromisoformat(content.get("created_at", "")).astimezone(UTC)
    return None


def _slots(content: dict[str, Any]) -> int:
    slots = content.get("slots")
    return slots if isinstance(slots, int) and slots > 0 else len(os.sched_getaffinity(0)) or 1


def _is_writable(root: Path) -> bool:
    """Decided by trying: permission bits don't stop root, and a file system may be read-only."""
    if not os.access(root, os.W_OK | os.X_OK):
        return False
    try:
        with tempfile.NamedTemporaryFile(dir=root, prefix=".lapis-probe-"):
            return True
    except OSError as error:
        # a full disk is not a read-only one: what is there can still be changed or removed
        return error.errno not in (errno.EROFS, errno.EACCES, errno.EPERM)


def _make(layout: Layout) -> None:
    root = layout.root
    if root.exists() and not root.is_dir():
        raise WorkspaceError(f"{root} is a file, not a folder.", advice=ANOTHER)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    entries = {entry.name for entry in root.iterdir()}
    if LOCK not in entries and entries - HARMLESS:
        raise WorkspaceError(
            f"{root} holds other things ({', '.join(sorted(entries - HARMLESS)[:3])}) and no workspace.",
            title="That folder is no workspace",
            advice=f"Name an empty or a new folder. {ANOTHER}",
        )
    with _locked(root):
        if layout.marker.exists():
            return
        with suppress(OSError):
            root.chmod(0o700)
        folders = [*map(layout.datastore, DATASTORES), layout.jobs, layout.queue, layout.slots, layout.environments]
        for path in [root / "datastores", *folders]:
            path.mkdir(mode=0o700, exist_ok=True)
        Database(layout.database).create()
        content = {
            "name": root.name,
            "layout": LAYOUT_VERSION,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        temporary = root / f".{layout.marker.name}.{os.getpid()}"
        temporary.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
        temporary.replace(layout.marker)
        events.record(layout, f"workspace {root.name} created")


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    with (root / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _cannot(folder: Path, error: Exception) -> WorkspaceError | MachineError:
    number = getattr(error, "errno", None)
    if number == errno.ENOSPC:
        return MachineError(
            f"The disk of {folder} is full.", title="The disk is full", advice=f"Free some space. {ANOTHER}"
        )
    reason = getattr(error, "strerror", None) or str(error)
    return WorkspaceError(f"{folder} can't be opened or made: {reason}.", advice=ANOTHER)
