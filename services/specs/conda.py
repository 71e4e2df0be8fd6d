"""Conda files of environments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.errors import Fault, SpecError
from services.specs.assets import EnvironmentSpec
from services.specs.common_checks import local_path
from services.specs.reading import load_document


def conda_content(wanted: EnvironmentSpec, base: Path) -> Mapping[str, Any]:
    """The content of an environment's conda file, read if a path is given. Raises SpecError."""
    if isinstance(wanted.conda_file, Mapping):
        return wanted.conda_file
    try:
        return load_document(local_path(base, str(wanted.conda_file)))
    except SpecError as error:
        raise SpecError([Fault("environment.conda_file", fault.message) for fault in error.faults]) from error


def conda_text(spec: EnvironmentSpec, base: Path) -> str:
    """The content of an environment's conda file, as YAML; empty if it has none. Raises SpecError."""
    if spec.conda_file is None:
        return ""
    from services.specs.writing import dump

    try:
        content = conda_content(spec, base)
        list(conda_requirements(content))
    except SpecError as error:
        # told as for a job, whose environment it would be
        faults = [replace(fault, path=fault.path.removeprefix("environment.")) for fault in error.faults]
        raise SpecError(faults) from error
    return dump(dict(content))


def conda_requirements(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a conda file asks for, each with the tool that installs it, `conda` or `pip`. Raises SpecError."""
    for dependency in _list(document.get("dependencies")):
        if isinstance(dependency, Mapping):
            yield from (("pip", str(requirement)) for requirement in _list(dependency.get("pip")))
        else:
            yield "conda", str(dependency)


def _list(value: Any) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise SpecError([Fault("environment.conda_file.dependencies", f"expected a list, got {value!r:.60}")])
    return value or []
