"""docs/cli.md, and the help that it is made from."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.conftest import Run
from tui.cli.page import cli_page

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
COMMANDS = re.findall(r"^#+ (lapis.*)$", cli_page(), re.MULTILINE)


def test_the_page_of_the_command_line_is_up_to_date() -> None:
    """docs/cli.md is what `make docs` makes."""
    assert PAGE.read_text(encoding="utf-8") == cli_page()


def test_the_page_says_which_options_are_needed_and_how_each_command_prints() -> None:
    section = cli_page().split("### lapis job create\n")[1].split("\n### ")[0]
    assert "| `-f, --file FILE` (needed) | the YAML file of the job |" in section
    assert "| `--set PATH=VALUE ...` |" in section
    assert "| `-o, --output table\\|json\\|yaml` | how to print it (default: json) |" in section
    assert "    lapis job create -f job.yml" in section


def test_each_command_of_the_page_has_a_help(run: Run) -> None:
    assert "lapis job create" in COMMANDS
    for command in COMMANDS:
        done = run(*command.split()[1:], "--help")
        assert done.code == 0
        assert done.out.startswith(f"usage: {command} ")
