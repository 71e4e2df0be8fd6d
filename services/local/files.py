"""Files of assets: listed, measured, copied in as a whole."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from services.entities import FileEntry

CHUNK = 1 << 20
PART = ".part-"
"""Begins the name of what is still being copied; lists leave it out."""


def walk(root: Path, *, follow: bool = False) -> Iterator[tuple[str, os.stat_result]]:
    """Relative path and status of every file below a folder.

    Args:
        follow: follow links, as az ml does when it uploads; else a link that leads out of the folder is left out.
    """
    seen: set[tuple[int, int]] = set()
    inner = root.resolve()
    for path, folders, names in os.walk(root, followlinks=follow):
        try:
            status = Path(path).stat()
        except OSError:  # removed just now
            continue
        if (status.st_dev, status.st_ino) in seen:  # a link to a folder above
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith(PART))
        for name in sorted(names):
            file = Path(path, name)
            try:
                status = file.stat()
            except OSError:  # a link to nothing, or removed just now
                continue
            is_inside = follow or not file.is_symlink() or file.resolve().is_relative_to(inner)
            if stat.S_ISREG(status.st_mode) and is_inside and not name.startswith(PART):
                yield file.relative_to(root).as_posix(), status


def entries_below(root: Path) -> list[FileEntry]:
    """Every file below a folder by path, or the file itself; none if there is nothing."""
    if root.is_file():
        return [_entry(root.name, root.stat())]
    return sorted((_entry(path, status) for path, status in walk(root)), key=lambda entry: entry.path)


def entries_of(folder: Path, prefix: str, limit: int | None = None) -> list[FileEntry]:
    """The entries of one folder, folders first, by name; their paths begin with the prefix.

    Args:
        limit: at most so many, the first that the file system tells of.
    """
    found = []
    with os.scandir(folder) as entries:
        for entry in islice(entries, limit):
            if entry.name.startswith(PART):
                continue
            path = f"{prefix}/{entry.name}" if prefix else entry.name
            try:
                found.append(FileEntry(path, True) if entry.is_dir() else _entry(path, entry.stat()))
            except OSError:  # a link to nothing
                found.append(FileEntry(path, False))
    return sorted(found, key=lambda entry: (not entry.is_folder, entry.path))


def _entry(path: str, status: os.stat_result) -> FileEntry:
    return FileEntry(path, False, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files that copying a folder takes."""
    return path.stat().st_size if path.is_file() else sum(status.st_size for _, status in walk(path, follow=True))


def digest_of(path: Path) -> str:
    """32 hex digits that stand for the names and the contents of a file or a folder."""
    digest = hashlib.sha256()
    names = [path.name] if path.is_file() else [name for name, _ in walk(path, follow=True)]
    for name in names:
        digest.update(f"{len(os.fsencode(name))}:".encode() + os.fsencode(name))
        with (path if path.is_file() else path / name).open("rb") as file:
            digest.update(f"{os.fstat(file.fileno()).st_size}:".encode())
            while block := file.read(CHUNK):
                digest.update(block)
    return digest.hexdigest()[:32]


def copy_whole(source: Path, target: Path) -> None:
    """Copy a file or a folder so that `target` is there whole or not at all; nothing happens if it is there already.

    Raises OSError: the disk is full, no access; nothing is left behind then.
    """
    if not target.exists():
        with staged(source, target.parent) as copy:
            if not target.exists():
                copy.rename(target)


@contextmanager
def staged(source: Path, folder: Path) -> Iterator[Path]:
    """A hidden copy in `folder`, to be renamed; if it is not, it goes again, and so does an empty folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy = folder / f"{PART}{uuid.uuid4().hex[:12]}"
    try:
        if source.is_file():
            _copy_file(source, copy)
        else:
            copy.mkdir()
            for path, _ in walk(source, follow=True):
                (copy / path).parent.mkdir(parents=True, exist_ok=True)
                _copy_file(source / path, copy / path)
        yield copy
    finally:
        remove(copy)
        with suppress(OSError):
            folder.rmdir()


def remove(path: Path) -> None:
    """Remove a file or a folder, whether it is there or not."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _copy_file(source: Path, target: Path) -> None:
    """Content and time; what may be done with it is the workspace's business."""
    shutil.copyfile(source, target)
    status = source.stat()
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
