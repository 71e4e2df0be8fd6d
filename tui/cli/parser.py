"""The command line: `lapis [-w WORKSPACE]` opens the app, `lapis NOUN VERB` does one thing and ends."""

from __future__ import annotations

from argparse import SUPPRESS, Action, ArgumentParser, RawDescriptionHelpFormatter

from tui.cli import computes, data, datastores, doctor, environments, features, job, models, recipe, workspaces
from tui.cli.options import add_workspace
from tui.cli.output import write

EPILOG = """\
environment:
  LAPIS_WORKSPACE   the workspace where -w is not given: a folder, azure:PROFILE or azure:SUBSCRIPTION/GROUP/NAME
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

        write(f"lapis {lapis_version()}\n")
        parser.exit()


def make_parser() -> ArgumentParser:
    """The parser of everything after `lapis`."""
    parser = ArgumentParser(
        prog="lapis",
        description="A keyboard workbench for Azure Machine Learning. Without a command it opens the app.",
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=ShowVersion, nargs=0, dest=SUPPRESS, help="show the version and leave")
    add_workspace(parser)
    parser.add_argument("--read-only", action="store_true", help="refuse everything that writes, stops or deletes")
    parser.add_argument(
        "--low-bandwidth", action="store_true", help="the app without pictures, mouse and moving charts"
    )
    parser.set_defaults(noun=None)
    nouns = parser.add_subparsers(title="commands", metavar="COMMAND", dest="noun")
    for module in (job, data, recipe, features, models, datastores, computes, environments, workspaces, doctor):
        module.add(nouns)
    return parser
