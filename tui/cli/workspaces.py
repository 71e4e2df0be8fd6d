"""`lapis workspace ...`."""

from __future__ import annotations

from argparse import Namespace

from services.workspace import Workspace
from tui.cli.documents import workspace_document
from tui.cli.options import Verbs, add_noun, add_verb
from tui.cli.output import emit


def add(nouns: Verbs) -> None:
    """Add the noun to the parser."""
    verbs = add_noun(nouns, "workspace", "see the workspace")
    add_verb(verbs, "show", show, "show the workspace")


async def show(workspace: Workspace, args: Namespace) -> None:
    """The one that is open."""
    emit(workspace_document(await workspace.info()), args)
