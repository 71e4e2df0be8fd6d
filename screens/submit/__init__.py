"""The submit form: `form` is the model without Textual, `ports` the rows of inputs and outputs."""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """SubmitScreen, imported when it is first asked for."""
    if name == "SubmitScreen":
        from screens.submit.screen import SubmitScreen

        return SubmitScreen
    raise AttributeError(name)
