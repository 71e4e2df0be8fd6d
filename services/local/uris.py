"""What URIs and local paths mean in the folder of a local workspace."""

from __future__ import annotations

from pathlib import Path

from services.asset_uris import datastore_path, local_place
from services.errors import UserError
from services.local.datastore_registry import DatastoreRegistry
from services.local.layout import Layout


def inside(root: Path, path: str) -> Path:
    """`root/path`. Raises UserError if that lies outside of root, by `..`, by a link or by an absolute path."""
    try:
        target = (root / path.lstrip("/")).resolve()
    except (ValueError, OSError, RuntimeError) as error:
        raise UserError(f"{path!r} is no path.") from error
    if not target.is_relative_to(root.resolve()):
        raise UserError(f"{path} lies outside of {root.name}.", advice="Name a path below it, without `..`.")
    return target


def resolve(layout: Layout, uri: str, base: Path) -> Path:
    """The local place of a datastore URI, a file URI or a local path (which starts from `base`).

    Raises NotFoundError for an unknown datastore, UserError for a path that leaves its datastore or has no local place.
    """
    if place := datastore_path(uri):
        return inside(DatastoreRegistry(layout).folder(place.datastore), place.path)
    return local_place(uri, base)
