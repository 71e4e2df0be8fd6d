"""Environments of an Azure workspace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from services import names
from services.azure.assets import Assets
from services.azure.connection import Connection
from services.azure.environment_mapping import environment_properties, environments, is_curated_name
from services.entities import Environment
from services.errors import Fault
from services.specs.assets import EnvironmentSpec
from services.specs.conda import conda_text
from services.workspace import EnvironmentService


class AzureEnvironments(EnvironmentService):
    """Own environments, and the curated ones that the workspace lists."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._assets = Assets(connection, "environments", "environment")

    async def list(self) -> Sequence[Environment]:
        """The latest version of each, own ones first, by name."""
        target = self._connection.target
        found = await self._assets.each(lambda _, versions: environments(versions, target)[0])
        return sorted(found, key=lambda environment: (environment.curated, environment.name))

    async def versions(self, name: str) -> Sequence[Environment]:
        """All versions, newest first."""
        return await self._connection.read(lambda _: self._versions(name))

    async def get(self, name: str, version: str = "latest") -> Environment:
        """One version."""
        return await self._connection.read(lambda _: self._find(name, version))

    async def create(self, spec: EnvironmentSpec, *, base: Path) -> Environment:
        """Register a version; Azure builds its image when a job first needs it."""
        names.check(names.name_faults(spec.name), names.version_faults(spec.version), _faults(spec))
        return await self._connection.write("Register", spec.name or "", lambda _, __: self._create(spec, base))

    def _versions(self, name: str) -> Sequence[Environment]:
        return environments(self._assets.versions(name), self._connection.target)

    def _find(self, name: str, version: str) -> Environment:
        versions = self._versions(name)
        return names.find_version(f"Environment {name}", versions, version, next(iter(versions), None))

    def _create(self, spec: EnvironmentSpec, base: Path) -> Environment:
        name = spec.name or ""
        properties = environment_properties(spec, conda_text(spec, base))
        body = self._assets.create(name, spec.version, properties)
        return self._find(name, str(body.get("name")))


def _faults(spec: EnvironmentSpec) -> list[Fault]:
    faults = []
    if is_curated_name(spec.name or ""):
        faults.append(Fault("name", "names that begin with AzureML- are those of curated environments; choose another"))
    if spec.build is not None:
        faults.append(Fault("build", "Lapis builds no docker images; build and push it, and name it as image"))
    elif spec.image is None and spec.conda_file is None:
        faults.append(Fault("", "an environment needs an image, a conda_file or both"))
    return faults
