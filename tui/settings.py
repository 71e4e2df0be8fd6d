"""What the user has chosen, from settings.toml; a name or a value that is unknown is refused with its line.

No Textual here: the headless commands read the same file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from services.errors import UserError
from services.targets import AzureTarget
from services.user_files import write_atomically
from tui.folders import settings_file


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
    """What is opened when neither `-w` nor LAPIS_WORKSPACE names one: a folder or azure:PROFILE; empty is ~/lapis."""

    keys: Mapping[str, str] = field(default_factory=dict)
    """An action's id (docs/keys.md) and its keys, parted by commas: `"jobs.cancel" = "ctrl+k"`."""

    profiles: Mapping[str, AzureTarget] = field(default_factory=dict)
    """Azure workspaces by a short name, each a table such as [profiles.team]."""


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
    if "profiles" in values:
        from tui.profiles import checked_profiles

        values = {**values, "profiles": checked_profiles(values["profiles"], file)}
    for action, keys in values.get("keys", {}).items():
        if not isinstance(keys, str) or not keys.replace(",", "").strip():
            raise file.error(action, f'the keys of {action} must be text, such as "ctrl+k"')
    return Settings(**values)


def _wanted(default: object) -> str:
    if isinstance(default, bool):
        return "true or false"
    return "text in quotes" if isinstance(default, str) else "a table"


def write_theme(file: SettingsFile, theme: str) -> None:
    """Write the chosen theme into the settings file and leave the rest as it is. Raises OSError, SettingsError."""
    with edited(file.path) as document:
        document["theme"] = theme


@contextmanager
def edited(path: Path) -> Iterator[MutableMapping[str, Any]]:
    """The settings file as a document to change; it is written at the end, with its comments and its order.

    Raises SettingsError for a file that is no TOML any more, OSError when it can't be written: it is untouched then.
    """
    import tomlkit
    from tomlkit.exceptions import ParseError

    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = tomlkit.document()
    except (ParseError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}", advice="Mend that line, or delete it.") from error
    yield document
    write_atomically(path, tomlkit.dumps(document))
