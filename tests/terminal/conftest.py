"""The wheel, built and installed as a user would, without a download."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a virtual environment that holds the wheel and, through a .pth, what it depends on."""
    folder = tmp_path_factory.mktemp("installed")
    environ = {**os.environ, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"],
        cwd=ROOT,
        env=environ,
        check=True,
        capture_output=True,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", wheel],
        env=environ,
        check=True,
        capture_output=True,
    )
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    where = subprocess.run(
        [python, "-c", "import tui, screens, services; print(tui.__file__, screens.__file__, services.__file__)"],
        cwd=folder,
        env={name: value for name, value in environ.items() if name != "PYTHONPATH"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert where.count(str(site)) == 3, f"not the wheel is what would run: {where}"
    return folder / "venv" / "bin"


@pytest.fixture
def lapis(installed: Path) -> Path:
    """The `lapis` program of the wheel."""
    return installed / "lapis"
