"""The secrets of a local workspace: one file, for its owner alone, apart from all that is shown or logged."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.errors import WorkspaceError


class Vault:
    """Secrets by name; blocking. The file is there when there is a secret; it is not encrypted.

    A key beside it would open it to whoever can read it, so the file system guards it, as it does SSH keys.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> str:
        """A secret; empty if there is none."""
        return self._read().get(name, "")

    def put(self, name: str, secret: str) -> None:
        """Keep a secret, in place of the one of that name; an empty one is forgotten."""
        with locked(self._path):
            kept = self._read()
            if secret:
                kept[name] = secret
            elif kept.pop(name, None) is None:
                return
            self._write(kept)

    def __len__(self) -> int:
        return len(self._read())

    def _read(self) -> dict[str, str]:
        try:
            content = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            content = None  # the message of the error would hold what stands there
        if not isinstance(content, dict) or not all(isinstance(value, str) for value in content.values()):
            raise WorkspaceError(
                f"{self._path} holds no secrets that Lapis has written.",
                title="The vault is damaged",
                advice="Move the file away, then give the secrets of the datastores anew.",
            )
        return content

    def _write(self, kept: dict[str, str]) -> None:
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(kept, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time changes the file."""
    with path.with_name(f".{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
