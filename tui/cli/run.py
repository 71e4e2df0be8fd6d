"""Runs a command: opens the workspace, awaits the handler, turns every error into a message and an exit code."""

from __future__ import annotations

import asyncio
import os
import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from services.errors import ServiceError, UserError
from tui.cli.output import say, say_error
from tui.cli.target import target_of

DONE, FAILED, PIPE_CLOSED = 0, 1, 141


def guarded(args: Namespace) -> int:
    """Run what was asked for and return the exit code; no traceback reaches the user."""
    _ready_streams()
    try:
        return run_app(args) if args.noun is None else run_command(args)
    except ServiceError as error:
        _say_traceback(error)
        say_error(error)
    except BrokenPipeError:
        # the reader has gone (`lapis job list | head -1`); Python would complain again when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:
        _say_bug(error)
    return FAILED


def _ready_streams() -> None:
    """Make stdout and stderr take whatever is written, also where the shell closed them (`lapis ... >&-`)."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - as long as the process
        # a name with a lone surrogate, or a terminal that isn't UTF-8, must not end a command half-way
        with suppress(AttributeError):
            getattr(sys, name).reconfigure(errors="backslashreplace")


def run_app(args: Namespace) -> int:
    """Open the app."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError(
            "The app needs a terminal to draw on, and this is none.",
            title="There is no terminal",
            advice="Use a command: `lapis job list`; `lapis --help` lists them.",
        )
    from tui.run import run

    return run(target_of(args), read_only=args.read_only, low_bandwidth=args.low_bandwidth)


def run_command(args: Namespace) -> int:
    """Run a command that is no app. Raises ServiceError."""
    if args.writes:
        _refuse_read_only(args)
    if args.handler is None:
        return int(args.local_handler(args))
    return asyncio.run(_with_workspace(args))


def _refuse_read_only(args: Namespace) -> None:
    from tui.settings import read_settings

    if args.read_only or read_settings().settings.read_only:
        raise UserError(
            f"`lapis {args.noun} {args.verb}` changes the workspace, and Lapis is in read-only mode.",
            title="Read-only mode",
            advice="Leave out --read-only, or set read_only = false in settings.toml.",
        )


async def _with_workspace(args: Namespace) -> int:
    from services.connect import open_workspace

    workspace = await open_workspace(target_of(args))
    try:
        return int(await args.handler(workspace, args) or DONE)
    finally:
        await workspace.close()


def _say_traceback(error: Exception) -> None:
    if os.environ.get("LAPIS_DEBUG") == "1":
        import traceback

        say("".join(traceback.format_exception(error)).rstrip())


def _say_bug(error: Exception) -> None:
    _say_traceback(error)
    from services.crash_reports import write_report

    report = write_report(error)
    say(f"lapis: Lapis failed on an error of its own: {type(error).__name__}: {error}")
    say(f"  what to do: report it with {report}" if report else "  what to do: set LAPIS_DEBUG=1 and do it again")
