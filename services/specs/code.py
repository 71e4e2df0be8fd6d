"""What of a code folder is taken along with a job.

As azure-ai-ml 1.35 does it (azure.ai.ml._utils._asset_utils): a `.amlignore` in the folder counts, else a `.gitignore`;
ignore files in folders below don't count, the last pattern that matches a file decides about it, the ignore file itself
goes along, and links are followed, also out of the folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from services.errors import Fault, MachineError, SpecError

ALWAYS_IGNORED = (
    ".git",
    "__pycache__/",
    ".ipynb_checkpoints/",
    ".venv/",
    ".mypy_cache/",
    ".pytest_cache/",
    ".ruff_cache/",
)
"""Histories, caches and virtual environments, which az ml takes along; a line such as `!.venv/` brings one back."""
MAX_FILES = 100_000
_MAX_FOLDERS = 100_000
_FULL = (28, 122)  # ENOSPC, EDQUOT


@dataclass(frozen=True)
class CodeListing:
    """The files that would be taken.

    Attributes:
        files: path relative to the folder, with `/`, and bytes; sorted.
        left_out: what is ignored, sorted; a folder, with a `/` at its end, stands for all in it. Also broken links,
            sockets and pipes.
        ignore_file: which file said so: .amlignore, .gitignore or empty.
    """

    files: tuple[tuple[str, int], ...] = ()
    left_out: tuple[str, ...] = ()
    ignore_file: str = ""

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(size for _, size in self.files)


def list_code(folder: Path) -> CodeListing:
    """List what would be taken of a folder, or of a single file.

    Raises SpecError at `code`: it isn't there, can't be read, holds too many files, or has a broken ignore file.
    """
    try:
        if folder.is_file():
            return CodeListing(((folder.name, folder.stat().st_size),))
        is_folder = folder.is_dir()
    except OSError as error:
        raise _unreadable(folder, error) from error
    if not is_folder:
        raise SpecError([Fault("code", f"there is no folder {folder}")])
    name = next((name for name in (".amlignore", ".gitignore") if (folder / name).is_file()), "")
    ignores = _Ignores(folder / name if name else None)
    files: list[tuple[str, int]] = []
    left_out: list[str] = []
    for path, entry in _walk(folder, ignores):
        if entry is None:
            left_out.append(path)
            continue
        if len(files) == MAX_FILES:
            raise _too_much(folder)
        try:
            if not os.access(entry.path, os.R_OK):
                raise PermissionError(13, "permission denied")
            files.append((path, entry.stat().st_size))
        except OSError as error:
            raise _unreadable(Path(entry.path), error) from error
    return CodeListing(tuple(sorted(files)), tuple(sorted(left_out)), name)


def copy_code(folder: Path, listing: CodeListing, target: Path) -> None:
    """Copy exactly the listed files into `target`, which must not exist; links become what they lead to.

    Raises MachineError: the disk is full, or a file has gone since it was listed.
    """
    base = folder.parent if folder.is_file() else folder
    try:
        target.mkdir(parents=True)
        for path, _ in listing.files:
            to = target / path
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(base / path, to)
    except OSError as error:
        full = error.errno in _FULL
        raise MachineError(
            f"The code in {folder} can't be copied to {target}: {error.strerror}.",
            title="The disk is full" if full else "The code can't be copied",
            advice="Free some space, or leave large files out with .amlignore."
            if full
            else "Look at that file and try again.",
        ) from error


class _Ignores:
    """The patterns of an ignore file, as git writes them."""

    def __init__(self, file: Path | None) -> None:
        import pathspec

        lines = []
        if file:
            try:
                lines = [line.rstrip() for line in file.read_text("utf-8-sig", "replace").split("\n")]
            except OSError as error:
                raise _unreadable(file, error) from error
        self._patterns: list[tuple[bool, Callable[[str], object]]] = []
        for number, line in enumerate([*ALWAYS_IGNORED, *lines], 1 - len(ALWAYS_IGNORED)):
            try:
                found = pathspec.GitIgnoreSpec.from_lines([line]).patterns
            except ValueError as error:
                raise SpecError([Fault("code", f"{file}, line {number}: {line!r} is not a pattern")]) from error
            self._patterns += [(bool(p.include), p.match_file) for p in found if p.include is not None]
        self.can_bring_back = any(not ignore for ignore, _ in self._patterns)

    def match(self, path: str) -> bool:
        """Whether a path is left out; a folder's path ends in `/`."""
        return next((ignore for ignore, match in reversed(self._patterns) if match(path) is not None), False)


def _walk(folder: Path, ignores: _Ignores) -> Iterator[tuple[str, os.DirEntry[str] | None]]:
    """Each file below the folder with its path; (path, None) for what is left out. A link to a folder above ends."""
    stack: list[tuple[str, frozenset[tuple[int, int]]]] = [("", frozenset())]
    visited = 0
    while stack:
        prefix, above = stack.pop()
        visited += 1
        if visited > _MAX_FOLDERS:
            raise _too_much(folder)
        try:
            status = (folder / prefix).stat()
            with os.scandir(folder / prefix) as found:
                entries = list(found)
        except OSError as error:
            raise _unreadable(folder / prefix, error) from error
        here = (status.st_dev, status.st_ino)
        if here in above:
            continue
        for entry in entries:
            path = prefix + entry.name
            if _is(entry.is_dir):
                # a later `!data/keep.csv` brings back a file of an ignored folder, other than in git
                if ignores.match(path + "/") and not ignores.can_bring_back:
                    yield path + "/", None
                else:
                    stack.append((path + "/", above | {here}))
            elif ignores.match(path) or not _is(entry.is_file):
                yield path, None
            else:
                yield path, entry


def _is(kind: Callable[[], bool]) -> bool:
    """A link that leads in a circle is neither a file nor a folder."""
    try:
        return kind()
    except OSError:
        return False


def _unreadable(path: Path, error: OSError) -> SpecError:
    return SpecError([Fault("code", f"{path} can't be read: {(error.strerror or 'unknown reason').lower()}")])


def _too_much(folder: Path) -> SpecError:
    return SpecError([Fault("code", f"{folder} holds more than {MAX_FILES:,} files; leave some out with .amlignore")])
