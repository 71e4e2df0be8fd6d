"""Versions of what is installed, without importing it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def lapis_version() -> str:
    """The version of Lapis; `from source` when it is not installed."""
    return package_version("lapis-workbench") or "from source"


def package_version(name: str) -> str:
    """The version of an installed package, empty if there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
