"""Computes in memory, for tests of screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from services.entities import Compute, ComputeNode, ComputeSize
from services.errors import Fault, NotFoundError, SpecError
from services.workspace import ComputeService
from tests.support.fake_jobs import Switchboard

if TYPE_CHECKING:
    from services.specs.assets import ComputeSpec


class FakeCompute(ComputeService):
    """What was made is there at once; states change at once."""

    def __init__(self, board: Switchboard, computes: Sequence[Compute]) -> None:
        self._board = board
        self.all = {compute.name: compute for compute in computes}
        self.faults: tuple[Fault, ...] = ()
        self.all_nodes: dict[str, tuple[ComputeNode, ...]] = {}
        self.all_sizes: tuple[ComputeSize, ...] = ()

    async def list(self) -> Sequence[Compute]:
        await self._board.enter("compute.list")
        return [self.all[name] for name in sorted(self.all)]

    async def get(self, name: str) -> Compute:
        await self._board.enter("compute.get", name)
        return self._found(name)

    def _found(self, name: str) -> Compute:
        if name not in self.all:
            raise NotFoundError(f"There is no compute named {name}.")
        return self.all[name]

    async def check(self, spec: ComputeSpec) -> Sequence[Fault]:
        await self._board.enter("compute.check", spec)
        return self.faults

    async def create(self, spec: ComputeSpec) -> Compute:
        await self._board.enter("compute.create", spec)
        if any(fault.severity == "error" for fault in self.faults):
            raise SpecError(self.faults)
        self.all[spec.name] = Compute(
            spec.name,
            spec.type,
            "Creating",
            spec.size or "",
            min_instances=spec.min_instances or 0,
            max_instances=spec.max_instances or 0,
            tier=spec.tier or "",
        )
        return self.all[spec.name]

    async def start(self, name: str) -> None:
        await self._board.enter("compute.start", name)
        self.all[name] = replace(self._found(name), state="Starting")

    async def stop(self, name: str) -> None:
        await self._board.enter("compute.stop", name)
        self.all[name] = replace(self._found(name), state="Stopping")

    async def restart(self, name: str) -> None:
        await self._board.enter("compute.restart", name)
        self.all[name] = replace(self._found(name), state="Restarting")

    async def delete(self, name: str) -> None:
        await self._board.enter("compute.delete", name)
        self.all[name] = replace(self._found(name), state="Deleting")

    async def nodes(self, name: str) -> Sequence[ComputeNode]:
        await self._board.enter("compute.nodes", name)
        self._found(name)
        return self.all_nodes.get(name, ())

    async def sizes(self) -> Sequence[ComputeSize]:
        await self._board.enter("compute.sizes")
        return self.all_sizes

    async def preempt(self, name: str) -> str:
        await self._board.enter("compute.preempt", name)
        self._found(name)
        return ""
