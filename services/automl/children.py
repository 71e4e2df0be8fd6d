"""The process of a trial, with a hard time-out: whatever hangs, leaks or dies there is that trial's failure alone."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from services.automl.trial import CONFIGURATION, TrialConfig, TrialResult, read_result

LOG = "log.txt"
"""What the process and its libraries print."""


async def run_child(config: TrialConfig, folder: Path, *, limit: float | None = None, cores: int = 1) -> TrialResult:
    """Run a trial in a process of its own and wait for it. A call that is cancelled ends the process.

    Args:
        folder: for the trial's files; it is made if need be.
        limit: seconds until the process and all that it started are killed.
        cores: threads that native libraries may use.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIGURATION).write_text(json.dumps(config.to_json()), "utf-8")
    threads = dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), str(cores)
    )
    started = time.monotonic()
    with (folder / LOG).open("wb") as log:
        # -P: no module of the folder that Lapis was started in
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "services.automl.trial", str(folder)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **threads},
            start_new_session=True,
        )
    reason = ""
    try:
        code = await asyncio.wait_for(process.wait(), limit)
        if code < 0:
            name = signal.Signals(-code).name
            hint = ", perhaps for want of memory" if -code == signal.SIGKILL else ""
            reason = f"the trial's process was ended by {name}{hint}"
    except TimeoutError:
        reason = f"cut by the time-out after {limit:.3g} s"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    seconds = round(time.monotonic() - started, 3)
    if reason:
        return TrialResult(seconds=seconds, reason=reason)
    broken = TrialResult(seconds=seconds, reason=f"the trial's process ended with {code}: {_last_line(folder)}")
    return read_result(folder) or broken


def _last_line(folder: Path) -> str:
    lines = (folder / LOG).read_text("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else "it printed nothing"
