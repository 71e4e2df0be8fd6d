"""What the start costs, and the page of keys."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

HEAVY = {
    "azure", "mlflow", "pandas", "polars", "numpy", "sklearn", "pydantic", "sqlalchemy", "alembic", "PIL", "matplotlib",
    "tree_sitter", "markdown_it", "pygments.lexers.python", "pathspec", "yaml",
}  # fmt: skip

PROBE = """
import asyncio, sys, pathlib
from tui.app import LapisApp
from services.targets import LocalTarget
from tui.driver import SteadyDriver
import tui.run

async def opener(target):
    print(*sorted(sys.modules))
    raise SystemExit

async def main():
    app = LapisApp(opener, LocalTarget(pathlib.Path("nowhere")))
    async with app.run_test() as pilot:
        await pilot.pause()

asyncio.run(main())
"""


def test_nothing_heavy_before_the_first_paint(tmp_path: Path) -> None:
    """When the workspace begins to be opened, the first screen is painted and nothing heavy is imported."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    modules = set(done.stdout.split())
    assert "screens.jobs" in modules, done.stderr
    assert not {name for name in modules if name in HEAVY or name.partition(".")[0] in HEAVY}


def test_settings_and_folders_need_no_textual() -> None:
    """The headless commands read the same settings."""
    code = "import sys, tui.settings, tui.folders; sys.exit('textual' in sys.modules or 'rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60).returncode == 0


def test_the_page_of_keys_is_up_to_date() -> None:
    """docs/keys.md is what `make docs` makes, in a process that no other test has declared actions in."""
    made = subprocess.run(
        [sys.executable, "-m", "tui.keys_page"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert (ROOT / "docs/keys.md").read_text(encoding="utf-8") == made
