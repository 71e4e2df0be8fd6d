"""What the user has chosen, from settings.toml; a name or a value that is unknown is refused with its line.

No Textual here: the headless commands read the same file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from services.errors import UserError
from tui.folders import settings_file, write_atomically


class SettingsError(UserError):
    """The settings file has a fault; the detail names file and line."""

    title = "The settings can't be used"


@dataclass(frozen=True)
class Settings:
    """The settings; each is a key of settings.toml."""

    theme: str = "lapis"
    """The colours: any theme that `T` lists."""

    low_bandwidth: bool = False
    """No pictures, no mouse, and no charts that redraw by themselves."""

    read_only: bool = False
    """Hides and refuses everything that stops, deletes or submits."""

    workspace: str = ""
    """The folder that is opened when neither `-w` nor LAPIS_WORKSPACE names one; empty is ~/lapis."""

    keys: Mapping[str, str] = field(default_factory=dict)
    """An action's id (docs/keys.md) and its keys, parted by commas: `"jobs.cancel" = "ctrl+k"`."""


@dataclass(frozen=True)
class SettingsFile:
    """The settings and the file that they are from, to name a line in an error."""

    settings: Settings
    path: Path
    text: str = ""

    def error(self, key: str, problem: str) -> SettingsError:
        """The error for a key: `settings.toml, line 3: ...`."""
        return SettingsError(
            f"{self.path}, line {line_of(self.text, key)}: {problem}", advice="Mend that line, or delete it."
        )


def line_of(text: str, key: str) -> int:
    """The line, counted from 1, on which a key (or a table) is set; 1 if it can't be told."""
    pattern = re.compile(rf"""^\s*\[?\s*["']?{re.escape(key)}["']?\s*[\]=]""", re.MULTILINE)
    match = pattern.search(text)
    return text.count("\n", 0, match.start() + len(match[0]) - len(match[0].lstrip())) + 1 if match else 1


def read_settings(path: Path | None = None) -> SettingsFile:
    """The settings of a file, by default of the user's own; a file that isn't there has the defaults.

    Raises SettingsError. Themes and keys are checked by the app, which knows them.
    """
    path = path or settings_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return SettingsFile(Settings(), path)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} can't be read: {error}") from error
    import tomllib

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}", advice="Mend that line, or delete it.") from error
    return SettingsFile(_checked(values, SettingsFile(Settings(), path, text)), path, text)


def _checked(values: Mapping[str, Any], file: SettingsFile) -> Settings:
    known = {f.name: getattr(file.settings, f.name) for f in fields(Settings)}
    for key, value in values.items():
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise file.error(key, f"there is no setting {key}; {hint}")
        if isinstance(known[key], bool) is not isinstance(value, bool) or not isinstance(value, bool | str | dict):
            raise file.error(key, f"{key} must be {_wanted(known[key])}")
        if isinstance(known[key], str) is not isinstance(value, str):
            raise file.error(key, f"{key} must be {_wanted(known[key])}")
    for action, keys in values.get("keys", {}).items():
        if not isinstance(keys, str) or not keys.replace(",", "").strip():
            raise file.error(action, f'the keys of {action} must be text, such as "ctrl+k"')
    return Settings(**values)


def _wanted(default: object) -> str:
    if isinstance(default, bool):
        return "true or false"
    return "text in quotes" if isinstance(default, str) else "a table"


def write_theme(file: SettingsFile, theme: str) -> None:
    """Write the chosen theme into the settings file and leave the rest as it is. Raises OSError."""
    try:
        text = file.path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = ""
    line = f'theme = "{theme}"'
    top, table, rest = re.match(r"(?s)(.*?)((?:^|(?<=\n))\s*\[|\Z)(.*)", text).groups()  # type: ignore[union-attr]
    top, count = re.subn(r"(?m)^\s*theme\s*=.*$", line, top, count=1)
    write_atomically(file.path, (top if count else f"{line}\n{top}") + table + rest)
