"""The lab as fixtures: one for each worker of a test run, as new for each test.

`tests/conftest.py` knows them, so that there is one lab and no more; it is imported by the first test that asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.azure_emulator.lab import AzureLab
    from tests.azure_emulator.storage import Storage


@pytest.fixture(scope="session")
def running_lab() -> Iterator[AzureLab]:
    """The emulator, started once; storage and MLflow are started by the first test that needs them."""
    from tests.azure_emulator.lab import AzureLab

    with AzureLab() as lab:
        yield lab


@pytest.fixture
def azure_lab(running_lab: AzureLab, monkeypatch: pytest.MonkeyPatch) -> Iterator[AzureLab]:
    """The emulator, empty and in good order, which this process and its children take for Azure."""
    running_lab.reset()
    for name, value in running_lab.environ.items():
        monkeypatch.setenv(name, value)
    yield running_lab
    crashes = list(running_lab.emulator.crashes)
    running_lab.reset()
    assert not crashes, "\n".join(crashes)


@pytest.fixture
def azure_storage(azure_lab: AzureLab) -> Storage:
    """Azurite behind the lab, with the containers of a workspace and nothing in them."""
    from tests.azure_emulator import azurite

    reason = azurite.missing()
    if reason is not None:
        pytest.skip(reason)
    storage = azure_lab.start_storage()
    storage.clear()
    return storage
