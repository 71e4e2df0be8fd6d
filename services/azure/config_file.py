"""The config.json that Studio and the compute instances write, found as `MLClient.from_config` finds it.

The SDK raises KeyError, IndexError and bare JSON errors for files with faults (azure-ai-ml 1.35.2), so it is read here.
"""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path
from typing import Any, NoReturn

from services.errors import UserError
from services.targets import AzureTarget

FOLDERS = (".azureml", "aml_config", "")
NAMES = ("config.json", "project.json")
PARENTS = 20
KEYS = ("subscription_id", "resource_group", "workspace_name")
LARGEST = 1_000_000
"""Bytes; a config.json of another program can be of any size."""

_SCOPE = re.compile(
    r"/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft\.MachineLearningServices/workspaces/([^/]+)/?",
    re.IGNORECASE,
)


def find_config_file(start: Path) -> Path | None:
    """The file that names the workspace of a folder, which may lie in one of its parents; None if there is none.

    A file in `.azureml` of a parent goes before one beside the code, as in `MLClient.from_config`.
    """
    start = start.absolute()
    if start.is_file():
        return start
    places = [start, *start.parents][: PARENTS + 1]
    for folder, name in product(FOLDERS, NAMES):
        for place in places:
            if (file := place / folder / name).is_file():
                return file
    return None


def read_config_file(file: Path) -> AzureTarget:
    """The workspace that a file names. Raises UserError with the file's path and line."""
    try:
        with file.open(encoding="utf-8-sig") as opened:
            text = opened.read(LARGEST)
    except (OSError, UnicodeDecodeError) as error:
        _refuse(file, 0, f"it can't be read: {error}")
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        _refuse(file, error.lineno, f"this is no JSON: {error.msg}")
    except RecursionError:
        _refuse(file, 0, "this is no configuration: it is nested too deeply")
    if not isinstance(values, dict):
        _refuse(file, 1, "an object in braces is wanted")
    if "Scope" in values:
        return _from_scope(file, text, values)
    if missing := [key for key in KEYS if key not in values]:
        _refuse(file, 0, f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    for key in KEYS:
        if not isinstance(values[key], str) or not values[key].strip():
            _refuse(file, _line(text, key), f"{key} must be text")
    subscription_id, resource_group, workspace_name = (values[key].strip() for key in KEYS)
    return AzureTarget(subscription_id, resource_group, workspace_name, tenant_id=_tenant(values))


def _from_scope(file: Path, text: str, values: dict[str, Any]) -> AzureTarget:
    found = _SCOPE.fullmatch(values["Scope"].strip()) if isinstance(values["Scope"], str) else None
    if found is None:
        _refuse(
            file,
            _line(text, "Scope"),
            "Scope must be /subscriptions/…/resourceGroups/…/providers/Microsoft.MachineLearningServices/workspaces/…",
        )
    return AzureTarget(found[1], found[2], found[3], tenant_id=_tenant(values))


def _tenant(values: dict[str, Any]) -> str:
    tenant = values.get("tenant_id")
    return tenant.strip() if isinstance(tenant, str) else ""


def _line(text: str, key: str) -> int:
    return text.count("\n", 0, max(0, text.find(f'"{key}"'))) + 1


def _refuse(file: Path, line: int, why: str) -> NoReturn:
    place = f"{file}, line {line}" if line else str(file)
    raise UserError(
        f"{place}: {why}.",
        title="config.json names no workspace",
        advice="Download it again from the workspace's page in Studio or the Azure portal, or name the workspace with"
        " --subscription, -g and -w.",
    )
