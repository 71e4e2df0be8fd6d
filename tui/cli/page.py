"""Prints docs/cli.md, the page of the command line: `make docs`."""

from __future__ import annotations

import textwrap
from argparse import Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator

from tui.cli.output import write
from tui.cli.parser import EPILOG, make_parser

INTRO = """\
# The command line

This page is generated (`make docs`). The commands mirror `az ml` and use the same services as the screens; none needs a
terminal. What a command prints goes to stdout, what it tells besides to stderr; into a pipe a log goes byte by byte,
as the job wrote it. `-o json` has the keys of `az ml`, and more where it has none. A file that is submitted again with
the same `-n NAME` is the same job, so that a script can be repeated.

    lapis job create -f job.yml --set inputs.reg_rate=0.1 --stream && lapis job list -o json

Every command takes `-w` for the workspace: the folder of a local one, `azure:PROFILE`, or
`azure:SUBSCRIPTION/GROUP/NAME`; as with `az ml`, `--subscription ID -g GROUP -w NAME` names an Azure workspace too.
Without them it is that of `LAPIS_WORKSPACE`, of [the settings](settings.md), or the one that Lapis makes. `-h` after
any command shows its options.
"""


def cli_page() -> str:
    """The page, from the parser."""
    parser = make_parser()
    blocks = [INTRO, textwrap.indent(EPILOG, "    "), "## lapis\n", f"{parser.description}\n", *_options(parser)]
    hidden = frozenset({"workspace", "resource_group", "subscription"})
    for noun, command in _commands(parser):
        blocks += [f"## lapis {noun}\n", f"{_sentence(command.description)}\n", *_options(command, hidden)]
        for verb, subcommand in _commands(command):
            blocks += [f"### lapis {noun} {verb}\n", *_description(subcommand), *_options(subcommand, hidden)]
    return "\n".join(blocks)


def _commands(parser: ArgumentParser) -> Iterator[tuple[str, ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            yield from action.choices.items()


def _description(parser: ArgumentParser) -> Iterator[str]:
    """The paragraphs of a description; those that are indented are commands to type."""
    for paragraph in (parser.description or "").split("\n\n"):
        yield (textwrap.indent(paragraph, "  ") if paragraph.startswith("  ") else paragraph) + "\n"


def _sentence(text: str | None) -> str:
    text = (text or "").rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def _options(parser: ArgumentParser, hidden: frozenset[str] = frozenset()) -> Iterator[str]:
    shown = [action for action in parser._actions if not isinstance(action, _SubParsersAction)]
    shown.sort(key=lambda action: bool(action.option_strings))
    rows = [_row(action) for action in shown if action.dest not in {"help", *hidden}]
    if rows:
        yield "\n".join(["| option | does |", "| --- | --- |", *rows]) + "\n"


def _row(action: Action) -> str:
    metavar = " ".join(action.metavar) if isinstance(action.metavar, tuple) else action.metavar
    value = str(metavar or "\\|".join(action.choices or ()))
    if not action.option_strings:
        return f"| `{value}` (needed) | {action.help} |"
    names = f"`{', '.join(action.option_strings)}{f' {value}' if value else ''}{' ...' if action.nargs == '+' else ''}`"
    return f"| {names}{' (needed)' if action.required else ''} | {action.help} |"


if __name__ == "__main__":
    write(cli_page())
