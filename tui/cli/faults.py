"""How a command that checks a file tells what it found."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from services.entities import Preflight
from services.errors import Fault
from tui.cli.documents import fault_document
from tui.cli.output import count, output_of, say, write, write_document
from tui.cli.text import printable_lines


def report_faults(faults: Sequence[Fault], file: Path, args: Namespace) -> int:
    """Print every fault; the exit code, 1 if one of them is an error."""
    errors = Preflight(tuple(faults)).errors
    if output_of(args) == "table":
        write("".join(f"{printable_lines(f'{fault.severity:8} {fault}')}\n" for fault in faults))
        say(f"lapis: {file}: {count(len(errors), 'error')}, {count(len(faults) - len(errors), 'note')}")
    else:
        result = "Failed" if errors else "Succeeded"
        write_document({"result": result, "errors": [fault_document(fault) for fault in faults]}, output_of(args))
    return 1 if errors else 0
