"""The SDK, pointed at the lab."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from tests.azure_emulator.lab import AzureLab


@pytest.fixture
def new_client(azure_lab: AzureLab, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Makes an `MLClient` of the lab's workspace that polls often; keywords are those of MLClient."""
    from azure.ai.ml import MLClient

    logging.getLogger("azure.ai.ml").handlers.clear()
    # The SDK looks through the stack for each part of a job before it warns of an experimental class: slow in pytest.
    monkeypatch.setattr("azure.ai.ml._utils._experimental._should_skip_warning", lambda: True)

    def new_client(credential: Any = None, **options: Any) -> Any:
        return MLClient(
            credential or azure_lab.credential(),
            azure_lab.subscription_id,
            azure_lab.resource_group,
            azure_lab.workspace_name,
            **{"polling_interval": 0.05, "show_progress": False, "enable_telemetry": False, **options},
        )

    return new_client


@pytest.fixture
def client(azure_lab: AzureLab, new_client: Callable[..., Any]) -> Any:
    """An `MLClient` of a workspace as a small team's is."""
    azure_lab.seed_workspace()
    return new_client()
