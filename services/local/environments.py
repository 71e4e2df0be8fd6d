"""Environments of a local workspace: your own with their versions, this interpreter, and stand-ins for curated ones."""

from __future__ import annotations

import fcntl
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import metadata
from itertools import groupby
from pathlib import Path

from services import names
from services.entities import Environment
from services.errors import Fault, NotFoundError
from services.local import events
from services.local.calls import Calls
from services.local.database import Database
from services.local.layout import Layout
from services.local.python_environments import interpreter, of_conda
from services.specs.assets import EnvironmentSpec
from services.specs.conda import conda_text
from services.workspace import EnvironmentService

THIS = "this-interpreter"
AS_IS = "this interpreter"
"""The state of an environment that this machine replaces by its own interpreter."""
CURATED_PREFIX = "azureml-"
CURATED = (
    "AzureML-sklearn-1.5",
    "AzureML-lightgbm-3.3",
    "AzureML-pytorch-2.2-cuda12.1",
    "AzureML-tensorflow-2.16-cuda12",
)
"""Names that courses and examples use (learn.microsoft.com, "Azure Machine Learning curated environments")."""


class LocalEnvironments(EnvironmentService):
    """Rows in lapis.db, and what every local workspace has."""

    def __init__(self, layout: Layout, database: Database, calls: Calls) -> None:
        self._layout = layout
        self._database = database
        self._calls = calls

    async def list(self) -> Sequence[Environment]:
        """The latest version of each, own ones first, by name; without the packages of the interpreter."""
        return await self._calls(self._list)

    async def versions(self, name: str) -> Sequence[Environment]:
        """All versions, newest first."""
        return await self._calls(self._versions, name)

    async def get(self, name: str, version: str = "latest") -> Environment:
        """One version."""
        return await self._calls(self._get, name, version)

    async def create(self, spec: EnvironmentSpec, *, base: Path) -> Environment:
        """Register a version; the content of its conda file is kept."""
        return await self._calls(self._create, spec, base)

    def find(self, name: str, version: str) -> Environment | None:
        """One version, blocking; None if there is none."""
        try:
            return self._get(name, version)
        except NotFoundError:
            return None

    def _list(self) -> Sequence[Environment]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM environments ORDER BY name, sequence DESC").fetchall()
        groups = [list(group) for _, group in groupby(rows, key=lambda row: row["name"])]
        own = [self._environment(group[0], len(group)) for group in groups]
        return [*own, *_given()]

    def _versions(self, name: str) -> Sequence[Environment]:
        for given in _given():
            if given.name == name:
                return [replace(given, packages=packages(interpreter()))]
        with self._database.read() as connection:
            query = "SELECT * FROM environments WHERE name = ? ORDER BY sequence DESC"
            rows = connection.execute(query, (name,)).fetchall()
        if not rows:
            raise NotFoundError(f"There is no environment named {name}.", advice="See the list of environments.")
        return [self._environment(row, len(rows)) for row in rows]

    def _get(self, name: str, version: str) -> Environment:
        versions = self._versions(name)
        return names.find_version(f"Environment {name}", versions, version, next(iter(versions), None))

    def _create(self, spec: EnvironmentSpec, base: Path) -> Environment:
        name = spec.name or ""
        names.check(names.name_faults(spec.name), names.version_faults(spec.version), _faults(spec))
        conda_file = conda_text(spec, base)
        with self._database.write() as connection:
            query = "SELECT version, sequence FROM environments WHERE name = ?"
            rows = connection.execute(query, (name,)).fetchall()
            taken = {row["version"] for row in rows}
            version = str(spec.version) if spec.version is not None else names.next_version(taken)
            if version in taken:
                raise names.taken("Environment", name, version)
            connection.execute(
                "INSERT INTO environments (name, version, sequence, image, conda_file, description, tags, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    name,
                    version,
                    max((row["sequence"] for row in rows), default=0) + 1,
                    spec.image or "",
                    conda_file,
                    spec.description or "",
                    json.dumps(names.text_tags(spec.tags)),
                    time.time(),
                ),
            )
        events.record(self._layout, f"environment {name}:{version} registered")
        return self._get(name, version)

    def _environment(self, row: sqlite3.Row, count: int) -> Environment:
        found = Environment(
            name=row["name"],
            version=row["version"],
            created_at=names.utc(row["created_at"]),
            image=row["image"],
            conda_file=row["conda_file"],
            description=row["description"],
            tags=json.loads(row["tags"]),
            state=AS_IS,
            version_count=count,
        )
        if not found.conda_file:
            return found
        from services.specs.reading import parse_document

        made, _ = of_conda(self._layout, parse_document(found.conda_file), found.name)
        return replace(found, packages=made.packages, state=_state(made.folder) if made.folder else AS_IS)


def _faults(spec: EnvironmentSpec) -> list[Fault]:
    faults = []
    if (spec.name or "").lower().startswith(CURATED_PREFIX):
        faults.append(Fault("name", "names that begin with AzureML- are those of curated environments; choose another"))
    if spec.name == THIS:
        faults.append(Fault("name", f"{THIS} is the interpreter of this machine; choose another"))
    if spec.build is not None:
        faults.append(Fault("build", "this machine builds no docker images; name an image or a conda_file"))
    elif spec.image is None and spec.conda_file is None:
        faults.append(Fault("", "an environment needs an image, a conda_file or both"))
    return faults


def _state(folder: Path) -> str:
    """Of the virtual environment of a conda file; its builder holds a lock, and marks it when it is whole."""
    if (folder / ".complete").exists():
        return "ready"
    try:
        with folder.with_suffix(".lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return "building"
    except OSError:
        return "not built"
    return "failed" if folder.exists() else "not built"


def _given() -> list[Environment]:
    """What every local workspace has."""
    here = Environment(THIS, "1", description=f"{interpreter()}, as it is", state="ready")
    curated = [
        Environment(name, "1", description="Stands for this interpreter", curated=True, state=AS_IS)
        for name in sorted(CURATED)
    ]
    return [here, *curated]


@cache
def packages(python: str) -> tuple[str, ...]:
    """The packages of an interpreter, as `name==version`; none if it can't be asked."""
    if python == sys.executable:
        found = {f"{package.name}=={package.version}" for package in metadata.distributions()}
    else:
        code = "from importlib.metadata import distributions as d\nfor p in d(): print(f'{p.name}=={p.version}')"
        try:
            done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=60, check=True)
        except (OSError, subprocess.SubprocessError):
            return ()
        found = set(done.stdout.split())
    return tuple(sorted(found, key=str.lower))
