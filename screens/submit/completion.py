"""What the fields of the form can be completed with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from screens.names import typed_path
from screens.submit.rows import guessed_type
from screens.widgets.path_input import complete_path
from screens.widgets.status import size_text
from services.entities import DataAsset
from services.errors import ServiceError
from services.workspace import ComputeService, DataService, EnvironmentService

Proposal = tuple[str, str]
"""The whole text of the field, and what to say beside it."""
AT_MOST = 50
"""More suggestions than that help nobody."""


class Completion:
    """Suggestions from the workspace, read when first needed, and from the disk."""

    def __init__(self, data: DataService, environments: EnvironmentService, compute: ComputeService) -> None:
        self.data = data
        self.environments = environments
        self.compute = compute
        self.base = Path.cwd()
        self._assets: tuple[DataAsset, ...] | None = None
        self._environments: list[Proposal] | None = None
        self._computes: list[Proposal] | None = None

    async def _read_assets(self) -> tuple[DataAsset, ...]:
        if self._assets is None:
            try:
                self._assets = tuple(await self.data.list())
            except ServiceError:
                return ()
        return self._assets

    async def outputs(self, text: str) -> Sequence[Proposal]:
        """Nothing to suggest but the default datastore."""
        start = "azureml://datastores/workspaceblobstore/paths/"
        return [(start, "the default datastore")] if text and start.startswith(text) else []

    async def inputs(self, text: str) -> Sequence[Proposal]:
        """Data assets for `azureml:`, else files and folders."""
        found: list[Proposal] = []
        if "azureml:".startswith(text) or text.startswith("azureml:"):
            for asset in await self._read_assets():
                note = f"{asset.type}, {size_text(asset.size)}" if asset.size is not None else asset.type
                names = (f"azureml:{asset.name}:{asset.version}", f"azureml:{asset.name}@latest")
                found += [(name, note) for name in names if name.startswith(text)]
        if not text.startswith("azureml:"):
            found += await asyncio.to_thread(complete_path, text, self.base)
        return found[:AT_MOST]

    async def environment_names(self, text: str) -> Sequence[Proposal]:
        """Environments of the workspace, as jobs name them."""
        if self._environments is None:
            try:
                found = await self.environments.list()
                self._environments = [(f"azureml:{e.name}@latest", e.state) for e in found]
            except ServiceError:
                return []
        return [proposal for proposal in self._environments if text in proposal[0]]

    async def compute_names(self, text: str) -> Sequence[Proposal]:
        """Computes of the workspace."""
        if self._computes is None:
            try:
                self._computes = [(c.name, c.size or c.type) for c in await self.compute.list()]
            except ServiceError:
                return []
        return [proposal for proposal in self._computes if text in proposal[0]]

    async def type_of(self, value: str) -> str:
        """The type that a value has: of the asset, of what is on the disk, of the literal; empty if unknown."""
        value = value.strip()
        if value.startswith("azureml:") and not value.startswith("azureml://"):
            name = value.removeprefix("azureml:").partition(":")[0].partition("@")[0]
            return next((asset.type for asset in await self._read_assets() if asset.name == name), "")

        def on_disk() -> bool | None:
            path = self.base / typed_path(value)
            return path.is_dir() if value and path.exists() else None

        try:
            return guessed_type(value, await asyncio.to_thread(on_disk))
        except OSError:
            return ""
