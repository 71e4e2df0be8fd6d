"""The one compute of a local workspace: this machine."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from services.entities import Compute, ComputeNode, ComputeSize, JobStatus
from services.errors import Fault, NotFoundError, SpecError, UserError
from services.local.calls import Calls
from services.local.database import Database
from services.local.submission import THIS_MACHINE
from services.specs.assets import ComputeSpec
from services.workspace import ComputeService

_WAITING = (JobStatus.NOT_STARTED.value, JobStatus.QUEUED.value)
_ENDED = tuple(status.value for status in JobStatus if status.is_terminal)


class LocalCompute(ComputeService):
    """This machine, with slots and a queue."""

    def __init__(self, database: Database, calls: Calls, slots: int) -> None:
        self._database = database
        self._calls = calls
        self._slots = slots

    async def list(self) -> Sequence[Compute]:
        """This machine."""
        return [await self._calls(self._this_machine)]

    async def get(self, name: str) -> Compute:
        """This machine, by its name."""
        if name != THIS_MACHINE:
            raise NotFoundError(
                f"There is no compute named {name}; jobs run on {THIS_MACHINE}.",
                advice="A job that names another compute runs here too, with a note.",
            )
        return await self._calls(self._this_machine)

    async def check(self, spec: ComputeSpec) -> Sequence[Fault]:
        """This machine is the only compute here."""
        return (Fault("type", "a local workspace has this machine and no other compute"),)

    async def create(self, spec: ComputeSpec) -> Compute:
        """Always refused, with the faults of `check`."""
        raise SpecError(await self.check(spec))

    async def start(self, name: str) -> None:
        """This machine runs."""
        await self.get(name)

    async def stop(self, name: str) -> None:
        """Refused."""
        await self._refuse(name, "stopped")

    async def restart(self, name: str) -> None:
        """Refused."""
        await self._refuse(name, "restarted")

    async def delete(self, name: str) -> None:
        """Refused."""
        await self._refuse(name, "deleted")

    async def _refuse(self, name: str, what: str) -> None:
        await self.get(name)
        raise UserError(f"{THIS_MACHINE} is the machine that Lapis runs on; it can't be {what} from here.")

    async def nodes(self, name: str) -> Sequence[ComputeNode]:
        """None: this machine has slots, not nodes."""
        await self.get(name)
        return ()

    async def sizes(self) -> Sequence[ComputeSize]:
        """None: this machine is as large as it is."""
        return ()

    async def preempt(self, name: str) -> str:
        """Refused: this machine is nobody else's."""
        await self._refuse(name, "taken away")
        return ""

    def _this_machine(self) -> Compute:
        with self._database.read() as connection:
            rows = connection.execute("SELECT status, COUNT(*) FROM jobs GROUP BY status").fetchall()
        counts = {status: number for status, number in rows if status not in _ENDED}
        queued = sum(counts.get(status, 0) for status in _WAITING)
        return Compute(
            THIS_MACHINE,
            "local",
            "Running",
            size=processor(),
            vcpus=os.cpu_count() or 1,
            memory=memory(),
            gpus=gpus(),
            slots=self._slots,
            running_jobs=sum(counts.values()) - queued,
            queued_jobs=queued,
            location=platform.node(),
            description="Jobs run here as processes; `slots` in workspace.json says how many at once",
        )


@cache
def processor() -> str:
    """The model of the processor and the architecture: `AMD EPYC 7763, x86_64`."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        model = platform.processor() or platform.system()
    return f"{model}, {platform.machine()}"


@cache
def memory() -> int:
    """Bytes of this machine, or of the container that it is (cgroup v2); 0 if unknown."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 0
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text("ascii"))
    except (OSError, ValueError):  # no container, or "max"
        return total
    return min(total, limit)


@cache
def gpus() -> int:
    """NVIDIA GPUs that the driver lists; 0 without the driver."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return 0
    try:
        done = subprocess.run([program, "-L"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    return sum(line.startswith("GPU ") for line in done.stdout.splitlines())
