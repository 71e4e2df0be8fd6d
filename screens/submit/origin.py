"""What a form is filled from: nothing, a job, a file, or the draft that was left."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

from screens.names import typed_path
from screens.submit.form import EMPTY_JOB, Form
from services.errors import Fault, SpecError
from services.names import make_name
from services.specs.command import CommandJob
from services.workspace import JobService


@dataclass(frozen=True)
class Origin:
    """What the form was filled from.

    Attributes:
        job: what is kept of it where nobody typed.
        base: the folder that relative paths start from.
        text: what the line above the form says of it.
        sent: the job as it was last submitted, with its name; None before.
    """

    job: CommandJob
    base: Path
    text: str
    sent: CommandJob | None = None

    def named(self, job: CommandJob) -> CommandJob:
        """The job with a name, that of last time if it is the same.

        So a form that was left in mid-submit, and is submitted again, makes no second job.
        """
        if job.name is not None:
            return job
        if self.sent is not None and replace(self.sent, name=None) == job:
            return self.sent
        return replace(job, name=make_name())


DRAFTS: dict[str, tuple[Origin, Form, Form]] = {}
"""By subject: forms that were left without asking (by `g`, `[` or `-`): origin, what was typed, what it began with."""


async def origin_of(subject: str, jobs: JobService) -> Origin:
    """What the subject of the place names. Raises NotFoundError, SpecError."""
    kind, _, name = subject.partition(":")
    if kind == "clone":
        job, base = await jobs.spec(name)
        return Origin(replace(job, name=None), base, f"A clone of {name}")
    if kind == "file":
        return await read_file(name)
    return Origin(EMPTY_JOB, Path.cwd(), "A new job")


async def read_file(text: str) -> Origin:
    """The job in an az ml YAML file. Raises SpecError."""
    from services.specs.reading import read_job_file

    path = typed_path(text).absolute()
    job = await asyncio.to_thread(read_job_file, path)
    if not isinstance(job, CommandJob):
        told = f"the form takes command jobs; `lapis job create -f {path.name}` submits a {job.type} job"
        raise SpecError([Fault("type", told)])
    return Origin(job, path.parent, f"From {path.name}")


def origin_text(origin: Origin) -> str:
    """`A clone of x · paths start from ~/work`."""
    home, base = str(Path.home()), str(origin.base)
    if base == home or base.startswith(f"{home}/"):
        base = f"~{base[len(home) :]}"
    return f"{origin.text} · paths start from {base}"
