"""Bodies of Azure Resource Manager for tests of mappings: true ones where they are, and made ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from services.targets import AzureTarget

TARGET = AzureTarget("00000000-0000-0000-0000-000000000", "00000", "00000")
"""The workspace of the true bodies, as they were made anonymous."""
TRUE = Path(__file__).parents[2] / "../shared/reference/azure_bodies"


def true_body(name: str) -> dict[str, Any]:
    """A body that Azure has sent; the test is skipped where these are not."""
    file = TRUE / f"{name}.json"
    if not file.is_file():
        pytest.skip("the recorded answers of Azure are not on this machine")
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def version_body(
    kind: str, name: str, version: str, created: str = "2026-03-01T10:00:00Z", **properties: Any
) -> dict[str, Any]:
    """The version of an asset."""
    return {
        "id": f"{TARGET.resource_id}/{kind}/{name}/versions/{version}",
        "name": version,
        "properties": properties,
        "systemData": {"createdAt": created, "createdBy": "Ada", "lastModifiedAt": created},
    }
