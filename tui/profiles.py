"""Profiles: Azure workspaces under short names, in the settings file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.errors import UserError
from services.targets import AzureTarget
from tui.settings import SettingsFile, edited

KEYS = ("subscription_id", "resource_group", "workspace_name", "tenant_id")
"""The keys of a profile; all but the last must be there."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


def checked_name(name: str) -> str:
    """A name for a profile, without spaces around it. Raises UserError."""
    name = name.strip()
    if not NAME.fullmatch(name):
        raise UserError(
            f"{name!r} can't name a profile.",
            advice="Take letters, digits, - and _; at most 32, a letter or digit first.",
        )
    return name


def checked_profiles(tables: Any, file: SettingsFile) -> dict[str, AzureTarget]:
    """The profiles of a settings file. Raises SettingsError with the line of the fault."""
    profiles = {}
    for name, table in dict(tables).items():
        try:
            checked_name(name)
        except UserError as error:
            raise file.error(name, f"{error.detail} {error.advice}") from error
        if not isinstance(table, Mapping):
            raise file.error(name, f"profiles.{name} must be a table with {', '.join(KEYS)}")
        for key, value in table.items():
            if key not in KEYS:
                raise file.error(key, f"profiles.{name} has no key {key}; there are {', '.join(KEYS)}")
            if not isinstance(value, str) or not (value or key == "tenant_id"):
                raise file.error(key, f"{key} must be text in quotes")
        if missing := [key for key in KEYS[:3] if key not in table]:
            raise file.error(name, f"profiles.{name} lacks {', '.join(missing)}")
        profiles[name] = AzureTarget(**table, profile=name)
    return profiles


def write_profile(path: Path, target: AzureTarget) -> None:
    """Keep a workspace under its `profile`; the rest of the file stays. Raises OSError, SettingsError, UserError."""
    name = checked_name(target.profile)
    with edited(path) as document:
        values = {key: getattr(target, key) for key in KEYS}
        document.setdefault("profiles", {})[name] = {key: value for key, value in values.items() if value}


def remove_profile(path: Path, name: str) -> None:
    """Forget a profile; nothing if there is none of that name. Raises OSError, SettingsError."""
    with edited(path) as document:
        document.get("profiles", {}).pop(name, None)
