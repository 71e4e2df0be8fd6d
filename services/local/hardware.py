"""What this machine is."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path


def processors() -> int:
    """CPUs."""
    return os.cpu_count() or 1


def host() -> str:
    """Its name in the network."""
    return platform.node()


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
