"""The programs that are measured, started alike: the installed `lapis`, and the rivals."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pty_probe import Probe
from benchmarks.workspaces import JOBS, LOG_FILE, LOG_JOB

ROOT = Path(__file__).parents[1]
LAPIS = Path(sys.executable).with_name("lapis")


@dataclass(frozen=True)
class Programs:
    """What starts them.

    Attributes:
        workspace: the workspace with 1,000 jobs.
        homes: a folder for home folders; each start of Lapis has a new one, so that it opens on the jobs.
    """

    workspace: Path
    homes: Path

    @property
    def log(self) -> Path:
        """The log of 100,000 lines."""
        return self.workspace / "jobs" / LOG_JOB / LOG_FILE

    def env(self) -> dict[str, str]:
        """A small environment that is the same for all, with a home of its own."""
        home = self.homes / str(len(list(self.homes.iterdir())))
        home.mkdir()
        return {
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
            "PYTHONPATH": str(ROOT),
            "LAPIS_WORKSPACE": str(self.workspace),
        }

    def lapis(self, size: tuple[int, int]) -> Probe:
        """Lapis on the workspace."""
        return self._start([LAPIS], size)

    def bare(self, size: tuple[int, int]) -> Probe:
        """A bare Textual app with a DataTable of one row."""
        return self._start(self._rival("table", "--rows", "1"), size)

    def table(self, size: tuple[int, int]) -> Probe:
        """The same with as many rows as there are jobs."""
        return self._start(self._rival("table", "--rows", str(JOBS)), size)

    def grid_rival(self, size: tuple[int, int], rows: int, columns: int) -> Probe:
        """A bare Textual app with a DataTable of so many rows and columns."""
        return self._start(self._rival("grid", "--rows", str(rows), "--columns", str(columns)), size)

    def log_rival(self, size: tuple[int, int], *, rich: bool = False) -> Probe:
        """Textual's Log, or its RichLog, which reads the log when `4` is pressed."""
        return self._start(self._rival("log", "--file", self.log, *(["--rich"] if rich else [])), size)

    def _rival(self, *arguments: str | Path) -> list[str | Path]:
        return [sys.executable, "-m", "benchmarks.rival", *arguments]

    def _start(self, command: Sequence[str | Path], size: tuple[int, int]) -> Probe:
        return Probe(command, self.env(), columns=size[0], lines=size[1])
