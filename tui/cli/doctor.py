"""`lapis doctor`: what is here, what is missing, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import shutil
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from services.errors import ServiceError
from services.targets import AzureTarget, LocalTarget
from services.text import safe
from services.user_files import state_folder
from tui.cli import checks
from tui.cli.checks import Check, State
from tui.cli.options import Verbs, add_options
from tui.cli.output import count, output_of, write, write_document
from tui.cli.target import target_of
from tui.cli.text import printable_lines
from tui.folders import settings_file
from tui.settings import read_settings

LITTLE_SPACE = 1_000_000_000
NO_SPACE = 50_000_000


def add(nouns: Verbs) -> None:
    """Add the command to the parser."""
    text = "versions, terminal, folders, and what can run here"
    doctor = nouns.add_parser(
        "doctor", help=text, description=f"Check {text}; exit 1 if something must be mended.", allow_abbrev=False
    )
    add_options(doctor, handler=None, output="table", writes=False)
    doctor.add_argument(
        "--azure",
        action="store_true",
        help="also sign in to Azure step by step, look for config.json and list what the identity sees",
    )
    doctor.set_defaults(local_handler=examine)


def examine(args: Namespace) -> int:
    """Look at everything; changes nothing and makes no workspace."""
    found: list[Check] = []

    def tell(check: Check) -> None:
        if output_of(args) == "table":
            write(printable_lines("".join(_lines(check, found[-1].group if found else ""))))
        found.append(check)

    for check in (*checks.versions(), *checks.terminal(os.environ), *_folders(args), *checks.machine(os.environ)):
        tell(check)
    if args.azure:
        from tui.cli.azure_checks import look_at_azure

        asyncio.run(look_at_azure(_target_in_azure(args), tell))
    if output_of(args) == "table":
        ok, warnings, failures = (sum(c.state is state for c in found) for state in (State.OK, State.WARN, State.FAIL))
        write(f"\n{ok} ok, {count(warnings, 'warning')}, {count(failures, 'failure')}\n")
    else:
        write_document([check.document() for check in found], output_of(args))
    return 1 if any(check.state is State.FAIL for check in found) else 0


def _lines(check: Check, group: str) -> Iterator[str]:
    """A check as lines; the name of its group above, unless the last check had the same."""
    if check.group != group:
        yield f"{chr(10) if group else ''}{check.group}\n"
    yield f"  {check.state.value:5} {check.name:16} {safe(check.text)}\n"
    if check.advice:
        yield f"        what to do: {safe(check.advice)}\n"


def _target_in_azure(args: Namespace) -> AzureTarget | None:
    try:
        target = target_of(args)
    except ServiceError:  # told among the folders
        return None
    return target if isinstance(target, AzureTarget) else None


def _folders(args: Namespace) -> list[Check]:
    group = "folders"
    result: list[Check] = []
    try:
        read_settings()
        state = "" if settings_file().exists() else " (not there: all defaults)"
        result.append(Check(group, "settings", State.OK, f"{settings_file()}{state}"))
        target = target_of(args)
    except ServiceError as error:
        return [Check(group, "settings", State.FAIL, error.detail, error.advice)]
    result.append(folder_check(group, "state", state_folder(), missing=State.WARN))
    if crashes := list((state_folder() / "crashes").glob("*.txt")):
        result.append(Check(group, "crash reports", State.WARN, f"{len(crashes)} in {state_folder() / 'crashes'}"))
    if isinstance(target, AzureTarget):
        return [*result, Check(group, "workspace", State.OK, f"{target}, in Azure: lapis doctor --azure looks there")]
    folder = target.folder
    result.append(folder_check(group, "workspace", folder, missing=State.FAIL))
    if (folder / "workspace.json").is_file():
        try:
            result += asyncio.run(_slots(folder))
        except ServiceError as error:
            result.append(Check(group, "opening it", State.FAIL, f"{error.title}: {error.detail}", error.advice))
    return result


def folder_check(group: str, name: str, folder: Path, *, missing: State) -> Check:
    """Whether a folder can be written, or made, and how much room is left.

    Args:
        missing: how bad it is when it can't be written.
    """
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Check(group, name, missing, f"{folder} can't be written", "Make it writable, or choose another with -w.")
    free = shutil.disk_usage(there).free
    made = "" if there == folder else ", made on the first start"
    text = f"{folder}{made}, {checks.bytes_text(free)} free"
    if free < NO_SPACE:
        return Check(group, name, missing, text, "Free some space; nothing can be written soon.")
    if free < LITTLE_SPACE:
        return Check(group, name, State.WARN, text, "Free some space; jobs and models need it.")
    return Check(group, name, State.OK, text)


async def _slots(folder: Path) -> list[Check]:
    from services.connect import open_workspace

    workspace = await open_workspace(LocalTarget(folder))
    try:
        info = await workspace.info()
        computes = await workspace.compute.list()
    finally:
        await workspace.close()
    state = Check(
        "folders",
        "opening it",
        State.WARN if info.read_only else State.OK,
        ", ".join(f"{count:,} {kind}" for kind, count in info.counts.items()) + (", read-only" * info.read_only),
    )
    slots = [
        Check(
            "folders", "slots", State.OK, f"{c.name}: {c.slots} slots, {c.running_jobs} jobs run, {c.queued_jobs} wait"
        )
        for c in computes
        if c.slots
    ]
    return [state, *slots]
