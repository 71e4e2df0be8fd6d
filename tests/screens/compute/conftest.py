"""An Azure workspace with computes of every kind."""

from __future__ import annotations

import pytest

from screens.base import LapisScreen
from screens.widgets.frame import Frame
from services.targets import AzureTarget
from tests.support.compute_entities import AZURE_COMPUTES, CLUSTER, NODES, SIZES
from tests.support.fake_workspace import FakeWorkspace


@pytest.fixture
def cloud(workspace: FakeWorkspace) -> FakeWorkspace:
    """Its computes, nodes and sizes."""
    workspace.compute.all = {compute.name: compute for compute in AZURE_COMPUTES}
    workspace.compute.all_nodes = {CLUSTER.name: NODES}
    workspace.compute.all_sizes = SIZES
    return workspace


def in_azure(screen: LapisScreen) -> None:
    """What the app tells a screen of an Azure workspace."""
    screen.show_frame(
        Frame("azure ml-lab·rg", target=AzureTarget("00000000-0000-0000-0000-000000000001", "rg", "ml-lab"))
    )
