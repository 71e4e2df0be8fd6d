"""Computes of an Azure workspace: what is there is read as Resource Manager keeps it, what changes goes by the SDK."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from io import StringIO
from typing import TYPE_CHECKING, Any

from services.azure import compute_mapping
from services.azure.connection import Connection
from services.azure.job_index import JobIndex
from services.azure.resources import API_VERSION, HOST, Body, Resources
from services.azure.virtual_machines import machine_faults
from services.entities import Compute, ComputeNode, ComputeSize
from services.errors import AccessError, ConflictError, Fault, NotFoundError, ServiceError, SpecError, UserError
from services.names import text_tags
from services.specs.assets import ComputeSpec
from services.specs.computes import ATTACHED, compute_faults, fixed_faults, quota_faults, scale_of, worst_first
from services.specs.normal_form import normal_form
from services.specs.writing import to_yaml
from services.workspace import ComputeService

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

_CLUSTER, _INSTANCE = "amlcompute", "computeinstance"


class AzureCompute(ComputeService):
    """Computes in Azure; what takes long goes on there, watched by the connection's operations."""

    def __init__(self, connection: Connection, index: JobIndex) -> None:
        self._connection = connection
        self._index = index
        self._resources = Resources(connection)
        self._location = ""
        self._may_see_sizes = True
        self._sizes: Mapping[str, ComputeSize] = {}

    async def list(self) -> Sequence[Compute]:
        """All computes."""
        bodies, sizes = await asyncio.gather(
            self._connection.read(lambda _: list(self._resources.list("computes"))), self._known_sizes()
        )
        load = await asyncio.to_thread(self._index.load)
        found = [self._compute(body, sizes, load) for body in bodies if body.get("name")]
        return sorted(found, key=lambda compute: compute.name)

    def _compute(self, body: Body, sizes: Mapping[str, ComputeSize], load: Mapping[str, tuple[int, int]]) -> Compute:
        """With the jobs that the list of jobs has seen; nodes that run tell of the others."""
        compute = compute_mapping.compute(body, self._connection.target, sizes)
        running, waiting = load.get(compute.name, (0, 0))
        return replace(compute, running_jobs=running or compute.running_jobs, queued_jobs=waiting)

    async def get(self, name: str) -> Compute:
        """One compute."""
        return (await self._found(name))[0]

    async def _found(self, name: str) -> tuple[Compute, Body]:
        if not name.strip():
            raise NotFoundError("A compute has a name.")
        body, sizes = await asyncio.gather(
            self._connection.read(lambda _: self._resources.get("computes", name)), self._known_sizes()
        )
        return self._compute(body, sizes, await asyncio.to_thread(self._index.load)), body

    async def _find(self, name: str) -> Compute | None:
        try:
            return await self.get(name)
        except NotFoundError:
            return None

    async def _known_sizes(self) -> Mapping[str, ComputeSize]:
        """The sizes of the region by name, asked for once; none for an identity that may not see them."""
        if not self._sizes and self._may_see_sizes:
            try:
                await self.sizes()
            except AccessError:
                self._may_see_sizes = False
            except ServiceError:
                return {}
        return self._sizes

    async def sizes(self) -> Sequence[ComputeSize]:
        """The sizes of the workspace's region with the quota of the subscription."""
        if not self._location:
            body = await self._connection.read(lambda _: self._resources.get())
            self._location = str(body.get("location") or "")
        sizes, usages = await asyncio.gather(self._of_region("vmSizes"), self._of_region("usages"))
        found = compute_mapping.sizes(sizes, usages)
        self._sizes = {size.name.lower(): size for size in found}
        return found

    async def _of_region(self, what: str) -> Sequence[Body]:
        subscription = self._connection.target.subscription_id
        place = f"/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices/locations/{self._location}"
        pages = self._connection.http.pages
        return await self._connection.read(
            lambda _: [body for page in pages(f"{HOST}{place}/{what}", {"api-version": API_VERSION}) for body in page]
        )

    async def check(self, spec: ComputeSpec) -> Sequence[Fault]:
        """Faults of the spec, of what it changes, and of the quota; a machine to attach is asked whether it answers."""
        now = await self._find(spec.name) if spec.name.strip() else None
        faults = compute_faults(spec, now)
        if now is not None:
            return worst_first([*faults, *fixed_faults(spec, now)])
        if spec.type in (_CLUSTER, _INSTANCE):
            try:
                faults += quota_faults(spec, await self.sizes())
            except ServiceError as error:
                faults.append(Fault("size", f"could not be checked: {error.title}", "warning"))
        if spec.type == "virtualmachine" and not any(fault.path == "resource_id" for fault in faults):
            faults += await self._connection.read(lambda _: machine_faults(self._connection.http, spec))
        return worst_first(faults)

    async def create(self, spec: ComputeSpec) -> Compute:
        """Create, attach or edit, and return as soon as Azure has accepted it."""
        errors = [fault for fault in await self.check(spec) if fault.severity == "error"]
        if errors:
            raise SpecError(errors)
        now = await self._find(spec.name)
        if now is not None:
            await self._connection.begin("Change", spec.name, lambda client: _change(client, spec, now))
        else:
            verb = "Attach" if spec.type in ATTACHED else "Create"
            await self._connection.begin(verb, spec.name, lambda client: _create(client, spec))
        return await self.get(spec.name)

    async def start(self, name: str) -> None:
        """Start an instance."""
        if (await self._instance(name, "started")).state not in ("Running", "Starting"):
            await self._connection.begin("Start", name, lambda client: client.compute.begin_start(name))

    async def stop(self, name: str) -> None:
        """Stop an instance."""
        if (await self._instance(name, "stopped")).state not in ("Stopped", "Stopping"):
            await self._connection.begin("Stop", name, lambda client: client.compute.begin_stop(name))

    async def restart(self, name: str) -> None:
        """Restart an instance that runs."""
        state = (await self._instance(name, "restarted")).state
        if state != "Running":
            raise ConflictError(f"{name} is {state}; only an instance that runs can be restarted.")
        await self._connection.begin("Restart", name, lambda client: client.compute.begin_restart(name))

    async def _instance(self, name: str, what: str) -> Compute:
        compute = await self.get(name)
        if compute.type != _INSTANCE:
            raise UserError(f"{name} is of type {compute.type}; only a compute instance can be {what}.")
        return compute

    async def delete(self, name: str) -> None:
        """Delete what the workspace made, detach what was attached."""
        _, body = await self._found(name)
        verb = "Detach" if compute_mapping.is_attached(body) else "Delete"
        await self._connection.begin(verb, name, lambda client: client.compute.begin_delete(name, action=verb))

    async def nodes(self, name: str) -> Sequence[ComputeNode]:
        """The nodes of a cluster, with the job that each runs."""
        compute, body = await self._found(name)
        if compute.type != _CLUSTER:
            return ()
        user = compute_mapping.node_user(body)
        answer = await self._connection.read(lambda _: self._resources.post("computes", name, "listNodes", body={}))
        nodes = answer.get("nodes")
        found = nodes if isinstance(nodes, list) else []
        return [compute_mapping.node(one, user) for one in found if isinstance(one, dict)]

    async def preempt(self, name: str) -> str:
        """Refused: in Azure nobody but Azure takes a node away."""
        await self.get(name)
        raise UserError(
            f"{name} is in Azure, which alone takes low-priority nodes away; that can't be simulated there.",
            advice="A low-priority pool of a local workspace can show what happens then.",
        )


def _loaded(spec: ComputeSpec) -> Any:
    """The SDK's entity, from the same YAML that `az ml` takes."""
    from azure.ai.ml import load_compute

    return load_compute(StringIO(to_yaml(normal_form(spec))))


def _create(client: MLClient, spec: ComputeSpec) -> Any:
    return client.compute.begin_create_or_update(_loaded(spec))


def _change(client: MLClient, spec: ComputeSpec, now: Compute) -> Any:
    """Begin to change a cluster: everything else is sent back as the service has it."""
    compute = client.compute.get(spec.name)
    compute.min_instances, compute.max_instances, compute.idle_time_before_scale_down = scale_of(spec, now)
    if spec.description is not None:
        compute.description = spec.description
    if spec.tags:
        compute.tags = text_tags(spec.tags)
    if spec.identity is not None:
        compute.identity = _loaded(spec).identity
    # azure-ai-ml 1.35.2 reads the subnet into one field and sends it from another
    compute.subnet = compute.network_settings.subnet if compute.network_settings else None
    return client.compute.begin_update(compute)
