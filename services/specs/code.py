"""What of a code folder is taken along with a job.

As azure-ai-ml 1.35 does it (azure.ai.ml._utils._asset_utils): a `.amlignore` in the folder counts, else its `.gitignore`; the
ignore file itself goes along, links are followed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.errors import Fault, MachineError, SpecError

ALWAYS_IGNORED = (".git/", "__pycache__/", ".ipynb_checkpoints/", ".venv/", ".mypy_cache/", ".pytest_cache/", ".ruff_cache/")
"""Never taken: histories, caches and virtual environments. Azure's own list is shorter; nobody means these."""
MAX_FILES = 100_000


@dataclass(frozen=True)
class CodeListing:
    """The files that would be taken.

    Attributes:
        files: path relative to the folder, with `/`, and bytes; sorted.
        ignored: files and folders left out (a folder counts once).
        ignore_file: which file said so: .amlignore, .gitignore or empty.
    """

    files: tuple[tuple[str, int], ...] = ()
    ignored: int = 0
    ignore_file: str = ""

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(size for _, size in self.files)


def list_code(folder: Path) -> CodeListing:
    """List what would be taken of a folder, or of a single file. Raises SpecError at `code`."""
    import pathspec

    if folder.is_file():
        return CodeListing(((folder.name, folder.stat().st_size),))
    if not folder.is_dir():
        raise SpecError([Fault("code", f"there is no folder {folder}")])
    name = next((name for name in (".amlignore", ".gitignore") if (folder / name).is_file()), "")
    lines = (folder / name).read_text("utf-8", "replace").splitlines() if name else []
    spec = pathspec.GitIgnoreSpec.from_lines([*lines, *ALWAYS_IGNORED])
    files: list[tuple[str, int]] = []
    ignored = 0
    for path, is_folder in _walk(folder, spec):
        if path is None:
            ignored += 1
        elif not is_folder:
            if len(files) >= MAX_FILES:
                raise SpecError([Fault("code", f"{folder} holds more than {MAX_FILES:,} files; leave some out with .amlignore")])
            try:
                files.append((path, (folder / path).stat().st_size))
            except OSError as error:
                raise SpecError([Fault("code", f"{folder / path} can't be read: {error.strerror}")]) from error
    return CodeListing(tuple(sorted(files)), ignored, name)


def _walk(folder: Path, spec: object) -> Iterator[tuple[str | None, bool]]:
    """Each file below the folder as (relative path, False); what is ignored as (None, ...). A link's loop ends."""
    seen: set[tuple[int, int]] = set()
    match = spec.match_file  # type: ignore[attr-defined]
    stack = [""]
    while stack:
        prefix = stack.pop()
        try:
            status = (folder / prefix).stat()
            entries = sorted(os.scandir(folder / prefix), key=lambda entry: entry.name)
        except OSError as error:
            raise SpecError([Fault("code", f"{folder / prefix} can't be read: {error.strerror}")]) from error
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        for entry in entries:
            path = prefix + entry.name
            if entry.is_dir():
                if match(path + "/"):
                    yield None, True
                else:
                    stack.append(path + "/")
            elif match(path) or not entry.is_file():
                yield None, False
            else:
                yield path, False


def copy_code(folder: Path, listing: CodeListing, target: Path) -> None:
    """Copy exactly the listed files into `target`, which must not exist. Raises MachineError when the disk is full."""
    base = folder.parent if folder.is_file() else folder
    target.mkdir(parents=True)
    try:
        for path, _ in listing.files:
            to = target / path
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(base / path, to)
    except OSError as error:
        raise MachineError(
            f"The code in {folder} can't be copied: {error.strerror}.",
            title="The code can't be copied",
            advice="Free some space, or leave large files out with .amlignore.",
        ) from error
