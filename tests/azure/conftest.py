"""A workspace in the lab, and a machine on which nobody is signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.azure.sign_in import AzureSignIn, shared_sign_in
from services.azure.workspace import AzureWorkspace
from services.sign_in import Identity
from services.targets import AzureTarget
from tests.azure_emulator.lab import AzureLab

IDENTITY_VARIABLES = (
    "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZURE_USERNAME", "AZURE_PASSWORD",
    "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT", "IDENTITY_HEADER",
    "MSI_ENDPOINT", "MSI_SECRET", "DEFAULT_IDENTITY_CLIENT_ID",
)  # fmt: skip


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for another try."""
    for module in ("http", "transport"):
        monkeypatch.setattr(f"services.azure.{module}.LONGEST_WAIT", 0.05)


@pytest.fixture
def target(azure_lab: AzureLab) -> AzureTarget:
    """The lab's workspace, as a small team's is."""
    azure_lab.seed_workspace()
    return AzureTarget(azure_lab.subscription_id, azure_lab.resource_group, azure_lab.workspace_name)


@pytest.fixture
async def workspace(azure_lab: AzureLab, target: AzureTarget) -> AsyncIterator[AzureWorkspace]:
    """The lab's workspace, opened by one who may do all."""
    opened = await AzureWorkspace.open(target, azure_lab.credential(), identity=Identity("ada@example.test"))
    yield opened
    await opened.close()


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH: there is no `az` but the one that a test puts there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def sign_in(azure_lab: AzureLab, programs: Path, monkeypatch: pytest.MonkeyPatch) -> AzureSignIn:
    """The sign-in of a machine on which nothing is set up, anew for each test."""
    for variable in IDENTITY_VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    shared_sign_in.cache_clear()
    return shared_sign_in()


@pytest.fixture
def quick_sdk(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`azure.ai.ml`, which no longer looks through the whole stack before it warns of an experimental class."""
    import azure.ai.ml

    monkeypatch.setattr("azure.ai.ml._utils._experimental._should_skip_warning", lambda: True)
    return azure.ai.ml


@pytest.fixture
def spec_files(tmp_path: Path) -> Path:
    """A folder with the files that `shown_specs` names."""
    folder = tmp_path / "base"
    for name, text in {
        "src/train.py": "print(1)\n",
        "src/Dockerfile": "FROM python:3.11\n",
        "data/a.csv": "a,b\n1,2\n",
        "conda.yml": "name: train\ndependencies:\n- python=3.11\n",
        "key": "a key\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder
