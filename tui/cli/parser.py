"""The command line: `lapis [-w DIR]` opens the app, `lapis NOUN VERB` does one thing and ends."""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from services.workspace import Workspace

    Verbs: TypeAlias = _SubParsersAction[ArgumentParser]

Handler: TypeAlias = "Callable[[Workspace, Namespace], Awaitable[int | None]]"
"""Does a command with an open workspace; the exit code, None for 0."""

EPILOG = """\
environment:
  LAPIS_WORKSPACE   the folder of the workspace, where -w is not given
  LAPIS_SETTINGS    the settings file
  LAPIS_PYTHON      the interpreter that jobs run in
  LAPIS_DEBUG       1 shows where an error came from

exit codes: 0 done, 1 failed (also a job that failed under --stream), 2 wrong usage, 130 left with ctrl+c
"""


class ShowVersion(Action):
    """`--version`, which looks for the version only when it is asked."""

    def __call__(self, parser: ArgumentParser, *_: object) -> None:
        """Print it and leave."""
        from tui.cli.versions import lapis_version

        parser.exit(0, f"lapis {lapis_version()}\n")


def make_parser() -> ArgumentParser:
    """The parser of everything after `lapis`."""
    from tui.cli import computes, data, datastores, doctor, environments, job, models, workspaces

    parser = ArgumentParser(
        prog="lapis",
        description="A keyboard workbench for Azure Machine Learning. Without a command it opens the app.",
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=ShowVersion, nargs=0, help="show the version and leave")
    _add_workspace(parser)
    parser.add_argument("--read-only", action="store_true", help="refuse everything that writes, stops or deletes")
    parser.add_argument(
        "--low-bandwidth", action="store_true", help="the app without pictures, mouse and moving charts"
    )
    parser.set_defaults(noun=None)
    nouns = parser.add_subparsers(title="commands", metavar="COMMAND", dest="noun")
    for module in (job, data, models, datastores, computes, environments, workspaces, doctor):
        module.add(nouns)
    return parser


def _add_workspace(parser: ArgumentParser) -> None:
    parser.add_argument(
        *("-w", "--workspace"),
        type=Path,
        metavar="DIR",
        default=SUPPRESS,
        help="the folder of the workspace",
    )


def add_noun(nouns: Verbs, name: str, text: str) -> Verbs:
    """A noun, such as `job`; its verbs are added to what this returns."""
    noun = nouns.add_parser(name, help=text, description=text, allow_abbrev=False)
    return noun.add_subparsers(title="commands", metavar="COMMAND", dest="verb", required=True)


def add_verb(
    verbs: Verbs,
    name: str,
    handler: Handler | None,
    text: str,
    *,
    output: str = "json",
    writes: bool = False,
    description: str = "",
) -> ArgumentParser:
    """A command with the options that all have.

    Args:
        handler: what does it; None where the caller sets another way.
        output: how it prints unless -o says otherwise.
        writes: it changes the workspace, so that read-only mode refuses it.
    """
    verb = verbs.add_parser(
        name,
        help=text,
        description=description or f"{text[:1].upper()}{text[1:]}.",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_workspace(verb)
    verb.add_argument(
        *("-o", "--output"),
        choices=("table", "json", "yaml"),
        default=SUPPRESS,
        help=f"how to print it (default: {output})",
    )
    verb.set_defaults(handler=handler, default_output=output, writes=writes)
    return verb


def add_name(verb: ArgumentParser, what: str, *, required: bool = True) -> None:
    """`-n NAME`."""
    verb.add_argument("-n", "--name", required=required, metavar="NAME", help=f"the name of the {what}")


def add_version(verb: ArgumentParser) -> None:
    """`--version V` or `--label latest`."""
    group = verb.add_mutually_exclusive_group()
    group.add_argument("--version", metavar="VERSION", help="which version (default: the latest)")
    group.add_argument("--label", metavar="LABEL", help="latest, or an alias of a model")


def version_of(args: Namespace) -> str:
    """The version that was asked for."""
    version: str = args.version or args.label or "latest"
    return version


def add_file(verb: ArgumentParser, what: str, *, required: bool = False) -> None:
    """`-f FILE`."""
    verb.add_argument("-f", "--file", type=Path, required=required, metavar="FILE", help=f"the YAML file of the {what}")


def add_set(verb: ArgumentParser) -> None:
    """`--set PATH=VALUE ...`, as often as one likes."""
    verb.add_argument(
        "--set",
        dest="overrides",
        action="extend",
        nargs="+",
        type=_override,
        default=[],
        metavar="PATH=VALUE",
        help="change a field of the file, such as inputs.reg_rate=0.1",
    )


def add_archived(verb: ArgumentParser) -> None:
    """`--include-archived`."""
    verb.add_argument("--include-archived", action="store_true", help="also what was archived")


def positive(text: str) -> int:
    """A whole number from 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError(f"expected a whole number above 0, got {text!r}")
    return number


def _override(text: str) -> str:
    path, equals, _ = text.partition("=")
    if not equals or not all(path.split(".")):
        raise ArgumentTypeError(f"expected PATH=VALUE, got {text!r}")
    return text


def tags_of(pairs: Sequence[str]) -> dict[str, str | int | float | bool | None]:
    """`["a=1", "b=2"]` as a mapping."""
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}


def add_tags(verb: ArgumentParser) -> None:
    """`--tags KEY=VALUE ...`."""
    verb.add_argument("--tags", nargs="+", type=_tag, default=[], metavar="KEY=VALUE", help="tags")


def _tag(text: str) -> str:
    if not text.partition("=")[0] or "=" not in text:
        raise ArgumentTypeError(f"expected KEY=VALUE, got {text!r}")
    return text
