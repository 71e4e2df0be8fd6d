"""What tests of screens share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from screens import forms
from screens.submit import origin
from screens.widgets.states import StateCard
from tests.support.forms import QUICK_REST


@pytest.fixture(autouse=True)
def quick_typing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms read what depends on the typing at once."""
    monkeypatch.setattr(forms, "REST", QUICK_REST)


@pytest.fixture
def still_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards tell no seconds: how long a look takes depends on the machine."""
    monkeypatch.setattr(StateCard, "_tick", lambda self: None)


@pytest.fixture(autouse=True)
def no_drafts() -> Iterator[None]:
    """A form that one test left is not what the next one finds."""
    yield
    origin.DRAFTS.clear()
