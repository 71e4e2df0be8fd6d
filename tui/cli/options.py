"""What the commands have in common: how they are declared, and the options of `az ml` that they share."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from services.workspace import Workspace

Verbs: TypeAlias = "_SubParsersAction[ArgumentParser]"
Handler: TypeAlias = "Callable[[Workspace, Namespace], Awaitable[int | None]]"
"""Does a command with an open workspace; the exit code, None for 0."""


def add_workspace(parser: ArgumentParser) -> None:
    """`-w`, and the options by which `az ml` names a workspace."""
    parser.add_argument(
        *("-w", "--workspace"),
        metavar="WORKSPACE",
        default=SUPPRESS,
        help="the folder of a local workspace, azure:PROFILE, or the name that goes with -g and --subscription",
    )
    parser.add_argument("-g", "--resource-group", metavar="GROUP", default=SUPPRESS, help="of an Azure workspace")
    parser.add_argument("--subscription", metavar="ID", default=SUPPRESS, help="of an Azure workspace")


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
    output: str | None = "json",
    writes: bool = False,
    description: str = "",
) -> ArgumentParser:
    """A command with the options that all have.

    Args:
        handler: what does it with the workspace; None for a command that needs none, which sets `local_handler`.
        output: how it prints unless -o says otherwise; None for a command that prints no document.
        writes: it changes the workspace, so that read-only mode refuses it.
    """
    verb = verbs.add_parser(
        name,
        help=text,
        description=description or f"{text[:1].upper()}{text[1:]}.",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_options(verb, handler=handler, output=output, writes=writes)
    return verb


def add_options(command: ArgumentParser, *, handler: Handler | None, output: str | None, writes: bool) -> None:
    """The options that all commands have, and how each is run."""
    add_workspace(command)
    if output:
        command.add_argument(
            *("-o", "--output"),
            choices=("table", "json", "yaml"),
            default=SUPPRESS,
            help=f"how to print it (default: {output})",
        )
    command.set_defaults(handler=handler, default_output=output, writes=writes)


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
