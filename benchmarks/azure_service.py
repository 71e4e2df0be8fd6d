"""The emulated Azure in a process of its own, so that it isn't measured with its clients.

python -m benchmarks.azure_service FOLDER

It prints a line of JSON: the environment of its clients, the workspace, its newest jobs. Then it answers each line that
it reads: `forget` begins to count anew, `traffic` tells what came since, `settle` ends all jobs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

JOBS = 5_000
LATENCY = 0.05
"""Seconds that each answer takes longer than on loopback."""


@dataclass(frozen=True)
class Traffic:
    """What clients asked of Azure.

    Attributes:
        targets: method, path and query of each call, those for tokens and those to storage left out.
        wire: bytes in both directions, TLS and storage included.
    """

    targets: list[str]
    wire: int


class AzureService:
    """The process, while a `with` block lasts.

    Attributes:
        environ: what a client adds to its environment.
        workspace: subscription, resource group and name of the workspace.
        newest: names of jobs, the newest first.
    """

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.azure_service", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        told = self._read()
        self.environ: dict[str, str] = told["environ"]
        self.workspace: list[str] = told["workspace"]
        self.newest: list[str] = told["newest"]

    def forget(self) -> None:
        """Count the traffic from now on."""
        self._ask("forget")

    def traffic(self) -> Traffic:
        """The traffic since `forget`."""
        return Traffic(**self._ask("traffic"))

    def settle(self) -> None:
        """End the jobs that are under way."""
        self._ask("settle")

    def _ask(self, question: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{question}\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        if not (line := self._process.stdout.readline()):
            raise RuntimeError("the emulator has ended")
        return json.loads(line)

    def __enter__(self) -> AzureService:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.communicate(timeout=30)
        self._process.kill()


def serve(folder: Path) -> None:
    """Play Azure until the standard input ends."""
    from tests.azure_emulator import azurite
    from tests.azure_emulator.__main__ import user_environ
    from tests.azure_emulator.lab import AzureLab

    with ExitStack() as stack:
        lab = stack.enter_context(AzureLab())
        if azurite.missing() is None:
            stack.enter_context(lab.run_jobs())
        lab.seed_workspace()
        newest = lab.emulator.now() - timedelta(minutes=1)
        jobs = lab.seed_jobs(JOBS, newest=newest)
        shown = [job["name"] for job in reversed(jobs) if not job["properties"]["isArchived"]]
        lab.emulator.settings.latency = LATENCY
        lab.emulator.settings.remaining_reads = 1_000_000  # Azure's bucket fills up again, which the emulator's doesn't
        workspace = (lab.subscription_id, lab.resource_group, lab.workspace_name)
        _tell({"environ": user_environ(lab, folder), "workspace": workspace, "newest": shown[:10]})
        lab.emulator.settings.secrets = "AccountKey"  # with the other kind the SDK's own stream of a log fails
        before = 0
        for line in sys.stdin:
            wire = sum(tunnel.bytes_up + tunnel.bytes_down for tunnel in lab.jail.tunnels)
            match line.strip():
                case "forget":
                    lab.requests.clear()
                    before = wire
                    _tell(None)
                case "traffic":
                    targets = [request.target for request in lab.requests if "/oauth2/" not in request.path]
                    _tell({"targets": targets, "wire": wire - before})
                case "settle":
                    for job in jobs:
                        lab.store.set_status(job["id"], "Completed")
                    _tell(None)


def _tell(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
