"""Parts of the bodies of jobs: pure functions that no odd or missing field breaks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Body = Mapping[str, Any]

ARTIFACTS = "default"
"""The output that the service adds to every job: the artifacts of its run."""
SERVERLESS = "serverless"
MODES = {
    "ReadOnlyMount": "ro_mount",
    "ReadWriteMount": "rw_mount",
    "Download": "download",
    "Upload": "upload",
    "Direct": "direct",
    "EvalMount": "eval_mount",
    "EvalDownload": "eval_download",
}
SYSTEM_TAG = "_aml_system_"
"""Begins the names of tags that the service keeps for itself, some of them 5 kB long."""
_VERSIONED = re.compile(r"/(?:environments|codes|data|models|components)/(?P<name>[^/]+)/versions/(?P<version>[^/]+)$")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?")


def mapping(value: object) -> dict[str, Any]:
    """A mapping; empty for what is none."""
    return dict(value) if isinstance(value, Mapping) else {}


def text(value: object) -> str:
    """A text; empty for null."""
    return "" if value is None else value if isinstance(value, str) else str(value)


def last_part(value: object) -> str:
    """The last part of an ARM id."""
    return text(value).rstrip("/").rpartition("/")[2]


def asset_uri(arm_id: object) -> str:
    """`azureml:NAME:VERSION` for the ARM id of an asset of this workspace; other names stay as they are."""
    found = _VERSIONED.search(text(arm_id))
    if found and "/workspaces/" in text(arm_id).lower():
        return f"azureml:{found['name']}:{found['version']}"
    return text(arm_id)


def seconds_of(value: object) -> float | None:
    """The seconds of an ISO 8601 duration, such as PT1H30M."""
    found = _DURATION.fullmatch(text(value))
    if not found or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def time_of(value: object) -> datetime | None:
    """A time of the service, with up to seven digits of a second; None for what is none."""
    try:
        at = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def own_tags(properties: Body) -> dict[str, str]:
    """The tags that the service doesn't keep for itself."""
    tags = mapping(properties.get("tags"))
    return {key: text(value) for key, value in tags.items() if not key.startswith(SYSTEM_TAG)}
