"""Lines to type in send nothing while nobody types."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

import screens
import tui
from screens.fields import Lines
from screens.job.search import SearchLine
from screens.widgets.line_input import LineInput, SecretInput, StillInput


def test_no_cursor_blinks(monkeypatch: pytest.MonkeyPatch) -> None:
    for library in (Input, TextArea):
        monkeypatch.setattr(library.cursor_blink, "_default", True)
    assert Input().cursor_blink
    assert not any(field.cursor_blink for field in (StillInput(), LineInput(), SecretInput(), SearchLine(), Lines()))
    folders = [Path(package.__path__[0]) for package in (screens, tui)]
    made = re.compile(r"(?<!\w)(Input|TextArea)\(")
    assert not [path for folder in folders for path in folder.rglob("*.py") if made.search(path.read_text("utf-8"))]
