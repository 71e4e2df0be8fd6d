"""Which interpreter a job gets on this machine: the current one, or a virtual environment built from a conda file.

A docker image and a curated environment can't be had here; they are replaced by the current interpreter, with a note.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.entities import Environment
from services.errors import Fault, SpecError
from services.local.layout import Layout
from services.specs.assets import EnvironmentSpec
from services.specs.conda import conda_content, conda_requirements
from services.specs.reading import parse_document

MLFLOW = ("mlflow-skinny==3.17.2", "sqlalchemy>=2,<3", "alembic>=1.13,<2")
"""What an environment needs to log here: the store's tables are those of this MLflow."""
_MLFLOW_NAMES = {"mlflow", "mlflow-skinny", "azureml-mlflow"}
_CONDA_ONLY = {
    "pip",
    "setuptools",
    "wheel",
    "cudatoolkit",
    "cuda",
    "libgcc",
    "openmpi",
    "mpi4py",
    "nodejs",
    "gcc",
    "git",
}
_PIP_NAMES = {"pytorch": "torch", "py-xgboost": "xgboost", "matplotlib-base": "matplotlib"}
"""Packages that conda calls otherwise than pip does."""


@dataclass(frozen=True)
class PythonEnvironment:
    """What a job will run in.

    Attributes:
        label: as the job's page says it.
        packages: requirements to install in order; empty means the interpreter as it is.
        folder: the virtual environment; None for the interpreter as it is.
    """

    label: str
    packages: tuple[str, ...] = ()
    folder: Path | None = None

    @property
    def bin(self) -> Path:
        """Where the interpreter is: first on the job's path, or a bare `pip` would be another one's."""
        return self.folder / "bin" if self.folder else Path(interpreter()).parent

    @property
    def build(self) -> dict[str, Any] | None:
        """What the preparation has to build."""
        if self.folder is None:
            return None
        return {"interpreter": interpreter(), "packages": list(self.packages), "folder": str(self.folder)}


def interpreter() -> str:
    """The interpreter of jobs: LAPIS_PYTHON, or the one that Lapis runs in."""
    named = os.environ.get("LAPIS_PYTHON")
    return (shutil.which(named) or named) if named else sys.executable


def of_conda(layout: Layout, document: Mapping[str, Any], label: str) -> tuple[PythonEnvironment, list[Fault]]:
    """The virtual environment for the content of a conda file, and notes about what pip can't do of it."""
    packages: list[str] = []
    faults: list[Fault] = []
    for tool, requirement in conda_requirements(document):
        packages += [requirement] if tool == "pip" else _pip_requirement(requirement, faults)
    packages, replaced = _with_our_mlflow(packages)
    if replaced:
        faults.append(
            Fault("environment.conda_file", f"{replaced} is replaced by {MLFLOW[0]}, which this workspace has", "note")
        )
    digest = hashlib.sha256("\n".join([interpreter(), sys.version, *packages]).encode()).hexdigest()[:16]
    return PythonEnvironment(label, tuple(packages), layout.environments / digest), faults


def _pip_requirement(text: str, faults: list[Fault]) -> list[str]:
    """A conda dependency as pip requirements: `pandas=1.1` is pandas==1.1.*, as conda means it."""
    match = re.match(r"^(?:[\w.-]+::)?(?P<name>[\w.-]+)(?:\[[^\]]*\])?\s*(?P<version>[=<>!~].*)?$", text.strip())
    if match is None:
        faults.append(Fault("environment.conda_file", f"{text!r} means nothing to pip and is left out", "note"))
        return []
    name, version = match["name"].lower(), (match["version"] or "").split(" ")[0]
    if name == "python":
        ours = f"{sys.version_info.major}.{sys.version_info.minor}"
        wanted = re.search(r"\d+\.\d+", version)
        if wanted and wanted[0] != ours:
            faults.append(
                Fault("environment.conda_file", f"python {wanted[0]} is replaced by this machine's {ours}", "note")
            )
        return []
    if name in _CONDA_ONLY:
        return []
    if re.match(r"^=[^=]", version):
        number = version[1:].split("=")[0].rstrip(".*")
        version = f"=={number}.*"
    return [_PIP_NAMES.get(name, name) + version]


def _with_our_mlflow(packages: Sequence[str]) -> tuple[list[str], str]:
    kept: list[str] = []
    replaced: list[str] = []
    for package in packages:
        name = re.split(r"[\s\[=<>!~;@]", package.strip(), maxsplit=1)[0].lower()
        (replaced if name in _MLFLOW_NAMES else kept).append(package)
    return (kept + list(MLFLOW), ", ".join(replaced)) if replaced else (kept, "")


class EnvironmentResolver:
    """Finds what a job's `environment` field means here.

    Args:
        find: a registered environment by name and version or label; None if there is none.
    """

    def __init__(self, layout: Layout, find: Any) -> None:
        self.layout = layout
        self.find = find

    def resolve(self, wanted: str | EnvironmentSpec | None, base: Path) -> tuple[PythonEnvironment, list[Fault]]:
        """The environment, and notes about what is replaced.

        Raises SpecError for a broken conda file, and where LAPIS_PYTHON names nothing that could run.
        """
        if shutil.which(interpreter()) is None:
            raise SpecError([Fault("environment", f"LAPIS_PYTHON names {interpreter()}, which is no program here")])
        here = PythonEnvironment(f"this interpreter ({interpreter()})")
        if wanted is None:
            return here, []
        if isinstance(wanted, EnvironmentSpec):
            return self._own(wanted, base, here)
        name, _, version = wanted.removeprefix("azureml:").partition("@" if "@" in wanted else ":")
        found: Environment | None = None if "/" in wanted else self.find(name, version or "latest")
        if found is None or found.curated:
            what = (
                "the curated environment"
                if name.lower().startswith("azureml-") or "registries" in wanted
                else "unknown here:"
            )
            return here, [Fault("environment", f"{what} {wanted} is replaced by {here.label}", "note")]
        if found.conda_file:
            environment, notes = of_conda(
                self.layout, parse_document(found.conda_file), f"{found.name}:{found.version}"
            )
            return environment, notes + _image_note(found.image)
        if found.image:
            return here, [Fault("environment", f"the docker image {found.image} is replaced by {here.label}", "note")]
        return PythonEnvironment(f"{found.name}:{found.version}"), []

    def _own(
        self, wanted: EnvironmentSpec, base: Path, here: PythonEnvironment
    ) -> tuple[PythonEnvironment, list[Fault]]:
        if wanted.conda_file is None:
            what = f"the docker image {wanted.image}" if wanted.image else "the docker build"
            return here, [Fault("environment", f"{what} is replaced by {here.label}", "note")]
        content = conda_content(wanted, base)
        environment, notes = of_conda(self.layout, content, wanted.name or "from the conda file")
        return environment, notes + _image_note(wanted.image)


def _image_note(image: str | None) -> list[Fault]:
    if not image:
        return []
    return [
        Fault("environment.image", f"the docker image {image} is left out; its conda file is built with pip", "note")
    ]
