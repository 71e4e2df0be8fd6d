"""Where Lapis keeps what is the user's and not a workspace's. No Textual here: the headless commands need it too."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import platformdirs


def settings_file() -> Path:
    """settings.toml in the user's configuration folder, or the file that LAPIS_SETTINGS names."""
    named = os.environ.get("LAPIS_SETTINGS")
    return Path(named).expanduser() if named else platformdirs.user_config_path("lapis") / "settings.toml"


def default_workspace() -> Path:
    """The workspace that is opened when none is named."""
    return Path.home() / "lapis"


def short_path(path: Path) -> str:
    """A path with ~ for the home folder."""
    with suppress(ValueError, RuntimeError):
        return str(Path("~") / path.relative_to(Path.home()))
    return str(path)
