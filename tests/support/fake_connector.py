"""Sign-in, directory and connector in memory, for tests of screens and of the app.

connector = FakeConnector()                          # Azure CLI signs in, two subscriptions, three workspaces
connector.signing.outcomes[SignInMethod.AZURE_CLI] = SignInStep(...)
gate = connector.signing.slow(SignInMethod.MANAGED_IDENTITY)   # it is being tried until gate.set()
connector.signing.finish(SignInStep(...))            # the person has typed the code, or declined
connector.seen.failing["workspaces:SUB"] = AccessError(...)
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from services.connector import ConfigFile, Connector
from services.directory import NewWorkspace, ResourceGroup, Subscription, WorkspaceDirectory, WorkspaceSummary
from services.errors import AccessError, ConflictError, NotFoundError, ServiceError
from services.operations import Operation, OperationLog
from services.sign_in import SILENT_METHODS, DeviceCode, Identity, SignIn, SignInMethod, SignInState, SignInStep
from services.targets import AzureTarget, LocalTarget, WorkspaceTarget
from tests.support.entities import NOW

SUB_1, SUB_2 = "11111111-aaaa-4aaa-8aaa-000000000001", "22222222-bbbb-4bbb-8bbb-000000000002"
TENANT = "33333333-cccc-4ccc-8ccc-000000000003"
ADA = Identity("ada@example.test", "oid-ada", TENANT, SignInMethod.AZURE_CLI)
MACHINE = Identity("mi-lapis", "oid-machine", TENANT, SignInMethod.MANAGED_IDENTITY)
TEAM = AzureTarget(SUB_1, "rg-team", "ws-team", TENANT, profile="team")
LAB = AzureTarget(SUB_1, "rg-lab", "ws-lab", TENANT)
HERE = LocalTarget(Path("/home/ada/lapis"))


def not_available(method: SignInMethod, detail: str) -> SignInStep:
    """A method that this machine hasn't got."""
    return SignInStep(method, SignInState.NOT_AVAILABLE, detail, seconds=0.1)


def signed_in(identity: Identity) -> SignInStep:
    """Somebody."""
    assert identity.method is not None
    return SignInStep(identity.method, SignInState.SIGNED_IN, identity=identity, seconds=0.4)


OUTCOMES = {
    SignInMethod.ENVIRONMENT: not_available(
        SignInMethod.ENVIRONMENT, "AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret are not set"
    ),
    SignInMethod.AZURE_CLI: signed_in(ADA),
    SignInMethod.MANAGED_IDENTITY: signed_in(MACHINE),
}
NOBODY = {
    **OUTCOMES,
    SignInMethod.AZURE_CLI: not_available(SignInMethod.AZURE_CLI, "Azure CLI not found on path"),
    SignInMethod.MANAGED_IDENTITY: not_available(SignInMethod.MANAGED_IDENTITY, "no identity endpoint answers"),
}


class FakeSignIn(SignIn):
    """Signs in as it is told."""

    def __init__(self, outcomes: dict[SignInMethod, SignInStep]) -> None:
        self.outcomes = dict(outcomes)
        self.gates: dict[SignInMethod, asyncio.Event] = {}
        self.tried: list[tuple[SignInMethod, str]] = []
        self.code = DeviceCode(
            "https://microsoft.com/devicelogin", "FJ7K-Q2ZX", NOW + timedelta(minutes=14, seconds=32)
        )
        self.waiting = False
        self._current: SignInStep | None = None
        self._answer: asyncio.Future[SignInStep] | None = None

    @property
    def current(self) -> SignInStep | None:
        return self._current

    def slow(self, method: SignInMethod) -> asyncio.Event:
        """The method is being tried until the gate is open."""
        return self.gates.setdefault(method, asyncio.Event())

    def finish(self, step: SignInStep) -> None:
        """What came of the device code."""
        assert self._answer is not None
        self._answer.set_result(step)

    async def steps(self, *, tenant_id: str = "", after: SignInMethod | None = None) -> AsyncIterator[SignInStep]:
        first = SILENT_METHODS.index(after) + 1 if after else 0
        for method in SILENT_METHODS[first:]:
            yield SignInStep(method, SignInState.TRYING)
            step = await self.try_method(method)
            yield step
            if step.state is SignInState.SIGNED_IN:
                return

    async def try_method(self, method: SignInMethod, *, tenant_id: str = "", client_id: str = "") -> SignInStep:
        self.tried.append((method, client_id))
        if gate := self.gates.get(method):
            await gate.wait()
        return self.keep(self.outcomes[method])

    async def device_code(self, *, tenant_id: str = "") -> AsyncGenerator[DeviceCode | SignInStep, None]:
        self._answer = asyncio.get_running_loop().create_future()
        self.waiting = True
        try:
            yield self.code
            yield self.keep(await self._answer)
        finally:
            self.waiting = False

    def keep(self, step: SignInStep) -> SignInStep:
        """Who has signed in is who one is from now on."""
        if step.state is SignInState.SIGNED_IN:
            self._current = step
        return step


class FakeDirectory(WorkspaceDirectory):
    """Two subscriptions; what is created is listed at once."""

    def __init__(self, signing: FakeSignIn) -> None:
        self._signing = signing
        self.all = [
            WorkspaceSummary(
                replace(TEAM, profile=""), "westeurope", "Churn and fraud", created_at=NOW - timedelta(90)
            ),
            WorkspaceSummary(LAB, "northeurope", "To learn", created_at=NOW - timedelta(3), created_by="ada"),
            WorkspaceSummary(AzureTarget(SUB_2, "rg-vision", "ws-vision", TENANT), "eastus", state="Creating"),
        ]
        self.found = [Subscription(SUB_1, "Data science", TENANT), Subscription(SUB_2, "Vision", TENANT)]
        self.failing: dict[str, ServiceError] = {}
        self.log = OperationLog()
        self.created: list[NewWorkspace] = []
        self.deleted: list[AzureTarget] = []

    @property
    def identity(self) -> Identity:
        current = self._signing.current
        assert current is not None
        assert current.identity is not None
        return current.identity

    @property
    def operations(self) -> OperationLog:
        return self.log

    def _enter(self, call: str) -> None:
        if error := self.failing.get(call):
            raise error

    async def subscriptions(self) -> Sequence[Subscription]:
        self._enter("subscriptions")
        return self.found

    async def resource_groups(self, subscription_id: str) -> Sequence[ResourceGroup]:
        self._enter("resource_groups")
        groups = {one.target.resource_group: one.location for one in self.all_in(subscription_id)}
        return [ResourceGroup(name, location) for name, location in sorted(groups.items())]

    def all_in(self, subscription_id: str) -> list[WorkspaceSummary]:
        """The workspaces of a subscription."""
        return [one for one in self.all if one.target.subscription_id == subscription_id]

    async def workspaces(self, subscription_id: str) -> Sequence[WorkspaceSummary]:
        self._enter(f"workspaces:{subscription_id}")
        return self.all_in(subscription_id)

    async def create(self, new: NewWorkspace) -> None:
        if any(one.target.key == new.target.key for one in self.all):
            raise ConflictError(f"There is a workspace named {new.target.workspace_name}.", advice="Take another name.")
        self.created.append(new)
        self.all.append(WorkspaceSummary(new.target, new.location, new.description, state="Creating"))
        self.log.begin("Create", new.target.workspace_name)

    async def delete(self, target: AzureTarget, *, permanently: bool = False) -> None:
        if all(one.target.key != target.key for one in self.all):
            raise NotFoundError(f"There is no workspace named {target.workspace_name}.")
        self.deleted.append(target)
        self.all = [replace(one, state="Deleting") if one.target.key == target.key else one for one in self.all]
        self.log.begin("Delete", target.workspace_name)

    async def close(self) -> None:
        pass


class FakeConnector(Connector):
    """Knows a profile and a local workspace; Azure CLI signs in."""

    def __init__(self, outcomes: dict[SignInMethod, SignInStep] | None = None) -> None:
        self.signing = FakeSignIn(OUTCOMES if outcomes is None else outcomes)
        self.seen = FakeDirectory(self.signing)
        self.config: ConfigFile | ServiceError | None = None
        self.remembered: list[WorkspaceTarget] = [TEAM, HERE]
        self.closed = False

    @classmethod
    def signed_in(cls) -> FakeConnector:
        """Ada has signed in before."""
        made = cls()
        made.signing.keep(signed_in(ADA))
        return made

    @property
    def sign_in(self) -> SignIn:
        return self.signing

    @property
    def operations(self) -> Sequence[Operation]:
        return self.seen.log.list()

    async def directory(self) -> WorkspaceDirectory:
        if self.signing.current is None:
            raise AccessError("No method gave a token.", title="Not signed in to Azure")
        return self.seen

    def config_file(self) -> ConfigFile | None:
        if isinstance(self.config, ServiceError):
            raise self.config
        return self.config

    def known(self) -> Sequence[WorkspaceTarget]:
        return list(self.remembered)

    def remember(self, target: AzureTarget) -> None:
        self.remembered.append(target)

    def forget(self, target: WorkspaceTarget) -> None:
        self.remembered = [one for one in self.remembered if one != target]

    async def close(self) -> None:
        self.closed = True
