"""Sources of tables as they are typed: paths, URIs, versions of data assets."""

from __future__ import annotations

from pathlib import Path

from screens.widgets.path_input import expanded


def absolute_source(source: str) -> str:
    """A source that means the same in every folder: the next start may be in another one."""
    source = source.strip()
    is_uri = "://" in source or source.startswith("azureml:")
    return source if is_uri else str(expanded(source, Path.cwd()))
