"""The URIs of a place in a datastore, to read and to copy."""

from __future__ import annotations

from screens.base import LapisScreen
from screens.lists import shown
from screens.widgets.dialogs import Choose
from services.entities import Datastore, WorkspaceInfo
from services.uris import UriParts, datastore_uri, long_uri, parts_of, storage_uris
from services.workspace import Workspace


def uri_forms(datastore: Datastore, path: str, workspace: WorkspaceInfo) -> dict[str, str]:
    """The URIs of a path by what they are for; the short one first."""
    forms = {
        "In this workspace": datastore_uri(datastore.name, path),
        "From any workspace": long_uri(
            datastore.name,
            path,
            workspace=workspace.name,
            resource_group=workspace.resource_group,
            subscription_id=workspace.subscription_id,
        ),
    }
    for uri in storage_uris(datastore, path):
        forms["Outside Azure ML only" if len(forms) == 2 else f"Outside, by {uri.partition(':')[0]}"] = uri
    return forms


def parts_text(parts: UriParts) -> str:
    """What a URI names, and who reads it: `abfss · account acc · container fs · path data/x.csv`."""
    host = "host" if parts.account and not parts.container else "account"
    named = [
        ("workspace", parts.workspace),
        ("datastore", parts.datastore),
        (host, parts.account),
        ("container", parts.container),
        ("path", parts.path),
    ]
    return " · ".join([parts.protocol, *(f"{label} {shown(value)}" for label, value in named if value)])


def copy_uri(screen: LapisScreen, workspace: Workspace, datastore: str, path: str) -> None:
    """Ask which of the forms, and copy it."""

    async def copy() -> None:
        forms = uri_forms(await workspace.datastores.get(datastore), path, await workspace.info())
        if label := await screen.app.push_screen_wait(Choose("Copy a URI", list(forms.items()))):
            screen.copy(forms[label])

    screen.load(copy, group="copy-uri")


def copy_uri_of(screen: LapisScreen, workspace: Workspace, uri: str) -> None:
    """Copy a URI as it is, or in one of its forms if it names a place in a datastore."""
    parts = parts_of(uri)
    if parts and parts.datastore:
        copy_uri(screen, workspace, parts.datastore, parts.path)
    else:
        screen.copy(uri)
