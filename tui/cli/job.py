"""`lapis job ...`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from services.entities import JobQuery, JobStatus
from services.workspace import Workspace
from tui.cli import submit
from tui.cli.documents import job_document, job_row
from tui.cli.options import Verbs, add_archived, add_file, add_name, add_noun, add_set, add_verb, positive
from tui.cli.output import Document, emit, emit_list, file_argument, say
from tui.cli.stream import stream

COLUMNS = {
    "Name": "name",
    "Status": "status",
    "Display name": "display_name",
    "Created": "creation_context.created_at",
    "Experiment": "experiment_name",
    "Compute": "compute",
}


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "job", "submit jobs, watch them and fetch what they left")
    create = add_verb(
        verbs,
        "create",
        submit.create,
        "submit a job from a YAML file",
        writes=True,
        description=(
            "Submit a command job from an az ml v2 YAML file. Relative paths in the file start from its folder.\n"
            "What this machine replaces (a cluster, a curated environment) is told on stderr.\n\n"
            "  lapis job create -f job.yml --set inputs.reg_rate=0.1 --stream"
        ),
    )
    add_file(create, "job", required=True)
    add_set(create)
    add_name(create, "job (default: the file's, else a new one)", required=False)
    create.add_argument(
        "--stream", action="store_true", help="print the log as it is written; exit 1 if the job failed"
    )
    create.add_argument("--dry-run", action="store_true", help="print the normalised job and start nothing")
    _add_strict(create)

    validate = add_verb(
        verbs, "validate", submit.validate, "check a YAML file: every fault with its path", output="table"
    )
    add_file(validate, "job", required=True)
    add_set(validate)
    _add_strict(validate)

    jobs = add_verb(verbs, "list", list_jobs, "list the jobs, newest first", output="table")
    jobs.add_argument(
        "-r", "--max-results", type=positive, default=50, metavar="N", help="at most so many (default: 50)"
    )
    jobs.add_argument("--filter", default="", metavar="WORDS", help="only jobs in which each of the words occurs")
    jobs.add_argument(
        "--status",
        choices=[status.value for status in JobStatus],
        metavar="STATUS",
        help="only jobs in this state, such as Failed",
    )
    jobs.add_argument("--experiment-name", default="", metavar="NAME", help="only jobs of this experiment")
    jobs.add_argument("--parent-job-name", metavar="NAME", help="the children of this job")
    add_archived(jobs)

    add_name(add_verb(verbs, "show", show, "show a job"), "job")
    add_name(
        add_verb(
            verbs,
            "stream",
            stream_job,
            "print the log of a job as it is written",
            output=None,
            description="Print the log of a job as it is written, until the job has ended; exit 1 if it failed.\n"
            "ctrl+c stops the printing, not the job.",
        ),
        "job",
    )
    add_name(
        add_verb(verbs, "cancel", cancel, "end a job with its whole process tree", output=None, writes=True), "job"
    )
    download = add_verb(verbs, "download", download_job, "copy what a job left")
    add_name(download, "job")
    download.add_argument(
        "-p", "--download-path", type=Path, default=Path(), metavar="DIR", help="where to (default: here)"
    )
    what = download.add_mutually_exclusive_group()
    what.add_argument("--output-name", default="", metavar="NAME", help="only this output")
    what.add_argument("--all", action="store_true", dest="everything", help="artifacts, all outputs and the logs")
    add_name(add_verb(verbs, "archive", archive, "hide a job from lists", output=None, writes=True), "job")
    add_name(add_verb(verbs, "restore", restore, "show an archived job again", output=None, writes=True), "job")


def _add_strict(verb: ArgumentParser) -> None:
    verb.add_argument("--strict", action="store_true", help="refuse what this machine would replace")


async def list_jobs(workspace: Workspace, args: Namespace) -> None:
    """The newest jobs; on stderr whether there are more."""
    query = JobQuery(
        text=args.filter,
        statuses=frozenset({JobStatus(args.status)} if args.status else ()),
        experiment_name=args.experiment_name,
        parent_name=args.parent_job_name,
        include_archived=args.include_archived,
    )
    rows: list[Document] = []
    cursor: str | None = None
    while True:
        page = await workspace.jobs.list(query, cursor, min(args.max_results - len(rows), 500))
        rows += map(job_row, page.items)
        cursor = page.cursor
        if cursor is None or len(rows) >= args.max_results:
            break
    emit_list(rows, args, COLUMNS)
    if cursor is not None:
        total = "more" if page.total is None else f"{page.total:,}"
        say(f"lapis: {len(rows):,} of {total} jobs; --max-results N shows more")


async def show(workspace: Workspace, args: Namespace) -> None:
    """One job."""
    emit(job_document(await workspace.jobs.get(args.name)), args)


async def stream_job(workspace: Workspace, args: Namespace) -> int:
    """The log of a job, from its beginning."""
    return await stream(workspace, args.name)


async def cancel(workspace: Workspace, args: Namespace) -> None:
    """Ask for the end of a job."""
    await workspace.jobs.cancel(args.name)
    say(f"lapis: asked {args.name} to end")


async def download_job(workspace: Workspace, args: Namespace) -> None:
    """Copy the artifacts."""
    report = await workspace.jobs.download(
        args.name, file_argument(args.download_path), output_name=args.output_name, everything=args.everything
    )
    emit({"target": report.target, "files": report.files, "size": report.size}, args)


async def archive(workspace: Workspace, args: Namespace) -> None:
    """Hide it."""
    await workspace.jobs.archive(args.name)
    say(f"lapis: archived {args.name}")


async def restore(workspace: Workspace, args: Namespace) -> None:
    """Show it again."""
    await workspace.jobs.archive(args.name, archived=False)
    say(f"lapis: restored {args.name}")
