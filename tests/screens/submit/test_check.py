"""What pre-flight found, in words."""

from __future__ import annotations

import pytest
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from screens.base import LapisScreen
from screens.places import Place
from screens.submit.check import LISTED, CheckPanel, code_text, git_text, listing_text, verdict
from services.entities import Preflight
from services.errors import Fault
from tests.support.app import ScreenApp, settle
from tests.support.entities import HOSTILE

ERROR, WARNING, NOTE = (Fault("x", "m", severity) for severity in ("error", "warning", "note"))


@pytest.mark.parametrize(
    ("faults", "text"),
    [
        ((), "✓ Ready: ctrl+s submits"),
        ((NOTE,), "✓ Ready: ctrl+s submits · 1 note"),
        ((WARNING, WARNING, NOTE), "✓ Ready: ctrl+s submits · 2 warnings · 1 note"),
        ((ERROR, WARNING), "✗ 1 fault · 1 warning"),
        ((ERROR, ERROR), "✗ 2 faults"),
    ],
)
def test_the_verdict(faults: tuple[Fault, ...], text: str) -> None:
    assert verdict(faults, started=True).plain == text
    assert verdict(faults, started=False).plain.startswith("◌")


@pytest.mark.parametrize(
    ("preflight", "text"),
    [
        (Preflight(), ""),
        (Preflight(code_files=(("a.py", 1),)), "1 file, 1 B will be taken"),
        (
            Preflight(code_files=(("a.py", 1500), ("b.py", 500)), left_out=(".git/",)),
            "2 files, 2.0 kB will be taken; 1 left out",
        ),
        (
            Preflight(code_files=(("a.py", 1),), left_out=("x", "y"), ignore_file=".gitignore"),
            "1 file, 1 B will be taken; 2 left out by .gitignore",
        ),
    ],
)
def test_the_code(preflight: Preflight, text: str) -> None:
    assert code_text(preflight) == text
    assert listing_text(preflight).partition("\n")[0] == text


def test_the_commit() -> None:
    git = {"azureml.git.commit": "0a1b2c3d4e5f", "azureml.git.branch": "main"}
    assert git_text(git) == "0a1b2c3d on main"
    assert git_text(git | {"azureml.git.dirty": "True"}) == "0a1b2c3d* on main; * means uncommitted changes"
    assert git_text({"mlflow.source.git.commit": "0a1b2c3d4e5f"}) == "0a1b2c3d"
    assert git_text({"azureml.git.branch": "main"}) == ""


async def test_of_many_files_some_are_named() -> None:
    files = tuple((f"f{at}.py", 1) for at in range(LISTED + 7))
    left_out = (HOSTILE, *(f"x{at}" for at in range(LISTED)))
    screen = PanelScreen(Place("panel"))
    async with ScreenApp(screen).run_test(size=(80, 24)) as pilot:
        screen.query_one(CheckPanel).show(Content("verdict"), (ERROR,), Preflight((), files, left_out))
        await settle(pilot)
        text = str(screen.query_one("#check", Static).render())
        assert text.count(".py") == LISTED
        assert "and 8 more; ^l lists them all" in text
        assert "\x1b" not in text


class PanelScreen(LapisScreen):
    """Nothing but the panel."""

    def compose_body(self) -> ComposeResult:
        yield CheckPanel()
