"""The entry point of `lapis` and of `python -m tui`."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the app, or run a command; returns the exit code. Wrong usage leaves with 2."""
    try:
        from tui.cli.parser import make_parser
        from tui.cli.run import guarded

        return guarded(make_parser().parse_args(arguments))
    except KeyboardInterrupt:  # also while modules are imported
        return 130


if __name__ == "__main__":
    sys.exit(main())
