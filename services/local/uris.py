"""What URIs and local paths mean in the folder of a local workspace."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from services.asset_uris import datastore_path
from services.errors import NotFoundError, UserError
from services.local.layout import DATASTORES, Layout

_SCHEME = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*://|[a-z]{3,}:)")


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
        if place.datastore not in DATASTORES:
            raise NotFoundError(
                f"There is no datastore named {place.datastore}.", advice=f"There are {', '.join(DATASTORES)}."
            )
        return inside(layout.datastore(place.datastore), place.path)
    if uri.startswith("file://"):
        return _local(unquote(urlsplit(uri).path), base)
    if _SCHEME.match(uri):
        raise UserError(f"{uri} has no place on this machine.", advice="Use a local path or a datastore URI.")
    return _local(uri, base)


def _local(path: str, base: Path) -> Path:
    if not path or "\0" in path:
        raise UserError(f"{path!r} is no path.")
    try:
        place = (base / Path(path).expanduser()).absolute()
        place.exists()
    except RuntimeError as error:
        raise UserError(f"{path}: the home folder is unknown.") from error
    except OSError as error:
        raise UserError(f"{path} can't be looked at: {error.strerror}.") from error
    return place
