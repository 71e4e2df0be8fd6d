"""Sources of tables: paths, URIs, versions of data assets, as they are typed and as they are told."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from screens.lists import shown
from screens.widgets.path_input import expanded


def absolute_source(source: str) -> str:
    """A source that means the same in every folder: the next start may be in another one."""
    source = source.strip()
    is_uri = "://" in source or source.startswith("azureml:")
    return source if is_uri else str(expanded(source, Path.cwd()))


def table_title(source: str) -> str:
    """The last part of a path or URL, or the asset: `titanic.csv`, `titanic:1`."""
    if source.startswith("azureml:") and "://" not in source:
        return shown(source.removeprefix("azureml:"))
    path = source.partition("?")[0] if "://" in source else source
    return shown(PurePosixPath(path).name or source)
