"""Where Lapis keeps what is the user's and not a workspace's. No Textual here: the headless commands need it too."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import platformdirs


def settings_file() -> Path:
    """settings.toml in the user's configuration folder, or the file that LAPIS_SETTINGS names."""
    named = os.environ.get("LAPIS_SETTINGS")
    return Path(named).expanduser() if named else platformdirs.user_config_path("lapis") / "settings.toml"


def state_folder() -> Path:
    """Sessions, the history of commands, crash reports. Made on the first write."""
    return platformdirs.user_state_path("lapis")


def default_workspace() -> Path:
    """The workspace that is opened when none is named."""
    return Path.home() / "lapis"


def short_path(path: Path) -> str:
    """A path with ~ for the home folder."""
    with suppress(ValueError, RuntimeError):
        return str(Path("~") / path.relative_to(Path.home()))
    return str(path)


def write_atomically(path: Path, text: str) -> None:
    """Replace a file of the user's, so that a reader sees the old or the new whole; only the user may read it.

    Raises OSError: no space, no right to write; the old file is untouched then.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(text)
            file.flush()
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
