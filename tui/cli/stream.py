"""Prints the log of a job as it is written."""

from __future__ import annotations

import asyncio
import codecs
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import cast

from services.entities import Job, JobEvent, JobStatus, LogAppended, StatusChanged
from services.errors import TransientError
from services.workspace import JobService, Workspace
from tui.cli.output import say, write, write_bytes
from tui.cli.text import log_text

LOG = "user_logs/std_log.txt"
CHUNK = 256 * 1024
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
"""Seconds before a watch that broke is begun anew; they double with each try."""
LONGEST_LINE = 8192
"""A line without an end is printed in pieces of this length."""


async def stream(workspace: Workspace, name: str) -> int:
    """Print the log until the job has ended; 0 if it completed, 1 if not. Raises NotFoundError, TransientError.

    A connection that breaks on the way is told on stderr and tried again; the log goes on where it was.

    The log goes to stdout: to a pipe byte by byte as it is, to a terminal without escape sequences. States and the
    summary go to stderr.
    """
    printer = _Printer(workspace.jobs, name)
    pause = FIRST_PAUSE
    try:
        while True:
            try:
                await _follow(workspace, name, printer)
                break
            except TransientError as error:
                if not printer.has_begun:
                    raise
                say(f"lapis: {error.title}; the job goes on, and in {pause:.0f} s Lapis looks again")
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
    except asyncio.CancelledError:
        say(f"\nlapis: left the log; the job goes on: lapis job stream -n {name}")
        raise
    job = await workspace.jobs.get(name)
    _say_steps(job, printer.told)
    _say_end(job)
    return 0 if job.status is JobStatus.COMPLETED else 1


async def _follow(workspace: Workspace, name: str, printer: _Printer) -> None:
    """Print what a watch tells, until it ends or breaks."""
    async with aclosing(_events(workspace, name)) as events:
        async for event in events:
            match event:
                case StatusChanged(job=job):
                    printer.has_begun = True
                    printer.told = _say_steps(job, printer.told)
                case LogAppended(file=file) if file == LOG:
                    await printer.print_on()
    await printer.print_on(last=True)


def _say_steps(job: Job, told: int) -> int:
    """Tell the steps of the timeline from `told` on, without the first and the last, which are told otherwise."""
    for change in job.timeline[told:]:
        if not change.status.is_terminal and change.status is not JobStatus.NOT_STARTED:
            say(f"lapis: {change.status}" + (f": {change.detail}" if change.detail else ""))
    return len(job.timeline)


def _events(workspace: Workspace, name: str) -> AsyncGenerator[JobEvent, None]:
    return cast("AsyncGenerator[JobEvent, None]", workspace.jobs.watch(name))


class _Printer:
    """What of the log is printed so far, how many steps are told, and whether anything came at all."""

    def __init__(self, jobs: JobService, name: str) -> None:
        self._jobs = jobs
        self._name = name
        self.told = 0
        self.has_begun = False
        self._offset = 0
        self._raw = not sys.stdout.isatty()
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
        self._rest = ""

    async def print_on(self, *, last: bool = False) -> None:
        """Print what was added."""
        while True:
            chunk = await self._jobs.read_log(self._name, LOG, self._offset, CHUNK)
            if chunk.size < self._offset:
                self._offset = 0  # truncated by the job: it begins anew
                continue
            if not chunk.data:
                break
            self._offset = chunk.end
            self._put(chunk.data)
        if last:
            self._flush(len(self._rest))

    def _put(self, data: bytes) -> None:
        if self._raw:
            write_bytes(data)
            return
        self._rest += self._decode(data)
        end = max(self._rest.rfind("\n"), self._rest.rfind("\r")) + 1
        self._flush(end if len(self._rest) - end < LONGEST_LINE else len(self._rest))

    def _flush(self, end: int) -> None:
        if end:
            write(log_text(self._rest[:end]))
            self._rest = self._rest[end:]


def _say_end(job: Job) -> None:
    start, end = job.summary.started_at, job.summary.ended_at
    took = f" after {_duration(start, end)}" if start and end else ""
    say(f"lapis: job {job.name}: {job.status}{took}")
    if error := job.error:
        say(f"  {error.title}")
        if error.file:
            say(f"  {error.file}, line {error.line}" + (f": {error.source_line.strip()}" if error.source_line else ""))
        if error.advice:
            say(f"  what to do: {error.advice}")


def _duration(start: datetime, end: datetime) -> str:
    seconds = (end - start).total_seconds()
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"
