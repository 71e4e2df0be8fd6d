"""`lapis job create` and `lapis job validate`."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from services.errors import Fault, SpecError
from services.workspace import Workspace
from tui.cli.documents import job_document
from tui.cli.faults import report_faults
from tui.cli.output import emit, file_argument, say, say_fault, write
from tui.cli.stream import stream
from tui.cli.text import printable_lines

if TYPE_CHECKING:
    from services.specs.jobs import AnyJob


async def create(workspace: Workspace, args: Namespace) -> int:
    """Submit a job, or with --dry-run only say what would be submitted."""
    spec, base = _read(args)
    if args.dry_run:
        await _dry_run(workspace, spec, base, args)
        return 0
    job = await workspace.jobs.submit(spec, base=base, strict=args.strict)
    say_notes(job.notes)
    if not args.stream:
        emit(job_document(job), args)
        return 0
    say(f"lapis: job {job.name}")
    code = await stream(workspace, job.name)
    if hasattr(args, "output"):
        emit(job_document(await workspace.jobs.get(job.name)), args)
    return code


async def _dry_run(workspace: Workspace, spec: AnyJob, base: Path, args: Namespace) -> None:
    preflight = await workspace.jobs.preflight(spec, base=base, strict=args.strict)
    if preflight.errors:
        raise SpecError(preflight.faults)
    say_notes(preflight.faults)
    if getattr(args, "output", "yaml") == "yaml":
        write(printable_lines(preflight.yaml))
    else:
        import yaml

        document = yaml.safe_load(preflight.yaml)
        emit(document, args)


async def validate(workspace: Workspace, args: Namespace) -> int:
    """Every fault of a file; 1 if one of them would stop a submit."""
    try:
        spec, base = _read(args)
        faults = (await workspace.jobs.preflight(spec, base=base, strict=args.strict)).faults
    except SpecError as error:
        faults = error.faults
    return report_faults(faults, args.file, args)


def _read(args: Namespace) -> tuple[AnyJob, Path]:
    from services.specs.reading import read_job_file

    path = file_argument(args.file)
    spec = read_job_file(path, args.overrides)
    name = getattr(args, "name", None)
    return (replace(spec, name=name) if name else spec), path.parent


def say_notes(faults: tuple[Fault, ...]) -> None:
    """Tell what is worth knowing of a job, on stderr."""
    for fault in faults:
        say_fault(fault)
