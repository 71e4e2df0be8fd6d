"""Environments of a local workspace: this interpreter, stand-ins for curated ones, and your own with their versions."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from services.entities import Environment
from services.errors import ConflictError, Fault, NotFoundError, SpecError
from services.local.database import Database
from services.local.layout import Layout
from services.local.model_files import check_name
from services.local.python_environments import conda_content, interpreter, of_conda
from services.specs.assets import EnvironmentSpec
from services.specs.reading import parse_document
from services.specs.writing import dump
from services.workspace import EnvironmentService

T = TypeVar("T")
CURATED = ("AzureML-sklearn-1.5", "AzureML-lightgbm-3.3", "AzureML-pytorch-2.2-cuda12.1")
"""Names of curated environments that courses and examples use; here each stands for this interpreter."""
THIS = "this-interpreter"


class LocalEnvironments(EnvironmentService):
    """Rows in lapis.db, and what every workspace has."""

    def __init__(self, layout: Layout, database: Database, executor: Executor) -> None:
        self._layout = layout
        self._database = database
        self._executor = executor

    async def _call(self, function: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *arguments)

    async def list(self) -> Sequence[Environment]:
        """Own ones first, by name."""
        return await self._call(self._list)

    def _list(self) -> list[Environment]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM environments ORDER BY name, sequence DESC").fetchall()
        by_name: dict[str, list[Any]] = {}
        for row in rows:
            by_name.setdefault(row["name"], []).append(row)
        own = [self._environment(versions[0], len(versions)) for versions in by_name.values()]
        return [*own, *_given()]

    def _versions(self, name: str) -> list[Environment]:
        given = [environment for environment in _given() if environment.name == name]
        if given:
            return given
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT * FROM environments WHERE name = ? ORDER BY sequence DESC", (name,)
            ).fetchall()
        if not rows:
            raise NotFoundError(f"There is no environment named {name}.", advice="lapis environment list shows them.")
        return [self._environment(row, len(rows)) for row in rows]

    async def versions(self, name: str) -> Sequence[Environment]:
        """All versions, newest first."""
        return await self._call(self._versions, name)

    async def get(self, name: str, version: str = "latest") -> Environment:
        """One version."""
        return await self._call(self._get, name, version)

    def _get(self, name: str, version: str) -> Environment:
        versions = self._versions(name)
        for found in versions:
            if version in ("latest", found.version):
                return found
        raise NotFoundError(
            f"Environment {name} has no version {version}; it has {', '.join(v.version for v in versions)}."
        )

    def find(self, name: str, version: str) -> Environment | None:
        """One version, blocking; None if there is none."""
        try:
            return self._get(name, version)
        except NotFoundError:
            return None

    async def create(self, spec: EnvironmentSpec, *, base: Path) -> Environment:
        """Register a version."""
        return await asyncio.shield(asyncio.ensure_future(self._call(self._create, spec, base)))

    def _create(self, spec: EnvironmentSpec, base: Path) -> Environment:
        name = spec.name or ""
        check_name(name)
        if name.lower().startswith("azureml-"):
            raise SpecError([Fault("name", "names that begin with AzureML- are those of curated environments")])
        if name == THIS:
            raise SpecError([Fault("name", f"{THIS} is the interpreter of this machine")])
        if spec.image is None and spec.conda_file is None and spec.build is None:
            raise SpecError([Fault("", "an environment needs an image, a conda_file or a build")])
        conda = ""
        if spec.conda_file is not None:
            content = conda_content(spec, base)
            of_conda(self._layout, content, name)
            conda = dump(dict(content))
        tags = {key: "" if value is None else str(value) for key, value in spec.tags.items()}
        with self._database.write() as connection:
            rows = connection.execute("SELECT version, sequence FROM environments WHERE name = ?", (name,)).fetchall()
            taken = {row["version"] for row in rows}
            sequence = max((row["sequence"] for row in rows), default=0) + 1
            version = str(spec.version) if spec.version is not None else str(sequence)
            if version in taken:
                raise ConflictError(
                    f"Environment {name} has a version {version} already.", title="The version is taken"
                )
            connection.execute(
                "INSERT INTO environments VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    name,
                    version,
                    sequence,
                    spec.image or "",
                    conda,
                    spec.description or "",
                    json.dumps(tags),
                    time.time(),
                ),
            )
        return self._get(name, version)

    def _environment(self, row: Mapping[str, Any], count: int) -> Environment:
        state, packages = "ready", ()
        if row["conda_file"]:
            made, _ = of_conda(self._layout, parse_document(row["conda_file"]), row["name"])
            packages = made.packages
            state = "ready" if made.folder and (made.folder / ".complete").exists() else "not built"
        return Environment(
            name=row["name"],
            version=row["version"],
            created_at=datetime.fromtimestamp(row["created_at"], UTC),
            image=row["image"],
            conda_file=row["conda_file"],
            description=row["description"],
            tags=json.loads(row["tags"]),
            packages=packages,
            state=state,
            version_count=count,
        )


def _given() -> list[Environment]:
    """What every local workspace has: this interpreter, and the curated names that stand for it."""
    from importlib.metadata import distributions

    packages = tuple(sorted({f"{d.name}=={d.version}" for d in distributions()}, key=str.lower))
    here = Environment(THIS, "1", description=f"{interpreter()} as it is", packages=packages, state="ready")
    stand_ins = [
        Environment(
            name, "1", description="stands for this interpreter", curated=True, packages=packages, state="ready"
        )
        for name in CURATED
    ]
    return [here, *stand_ins]
