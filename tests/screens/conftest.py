"""What tests of screens share."""

from __future__ import annotations

import pytest

from screens.widgets.states import StateCard


@pytest.fixture
def still_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards tell no seconds: how long a look takes depends on the machine."""
    monkeypatch.setattr(StateCard, "_tick", lambda self: None)
