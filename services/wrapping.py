"""A file of a table wrapped as an MLTable: a copy of it beside the file that says how it is read."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from services import names
from services.entities import DataAsset
from services.errors import UserError
from services.workspace import DataService


@dataclass(frozen=True)
class Wrapped:
    """A folder that can be registered as mltable, and the text of its MLTable file."""

    folder: Path
    text: str


@asynccontextmanager
async def wrapped(data: DataService, table: DataAsset | Path, name: str) -> AsyncIterator[Wrapped]:
    """Wrap a file of this machine, or the file of an asset, which is fetched; the folder goes at the end.

    Args:
        name: of the asset to be, and so of the folder.

    Raises SpecError: no name for an asset; UserError: no file that az ml reads as a table.
    """
    from services.tables.mltable_writing import write_mltable

    names.check(names.name_faults(name))
    with tempfile.TemporaryDirectory(prefix="lapis-", ignore_cleanup_errors=True) as space:
        path = table if isinstance(table, Path) else await _fetched(data, table, Path(space, "fetched"))
        folder = Path(space, "wrapped", name)
        yield Wrapped(folder, await asyncio.to_thread(write_mltable, path, folder))


async def _fetched(data: DataService, asset: DataAsset, target: Path) -> Path:
    if asset.type != "uri_file":
        raise UserError(
            f"{asset.name}:{asset.version} is {asset.type}: only a file (uri_file) is wrapped.",
            title="It can't be wrapped",
            advice="Put an MLTable file into the folder and register it as mltable.",
        )
    report = await data.download(asset.name, asset.version, target)
    files = [path for path in Path(report.target).rglob("*") if path.is_file()]
    return files[0]
