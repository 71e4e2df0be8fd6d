"""What an identity sees before a workspace is open, and workspaces that are made and deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from math import inf

import pytest

from services.azure.credentials import Tokens
from services.azure.directory import AzureDirectory
from services.azure.sign_in import SignedIn
from services.directory import NewWorkspace
from services.errors import AccessError, ConflictError, NotFoundError, TransientError
from services.operations import OperationState
from services.sign_in import Identity
from services.targets import AzureTarget
from tests.azure_emulator.arm import WorkspaceId
from tests.azure_emulator.control_plane.workspaces import new_workspace
from tests.azure_emulator.faults import Fault
from tests.azure_emulator.identity import READER, STRANGER, TENANT
from tests.azure_emulator.identity import Identity as Person
from tests.azure_emulator.lab import AzureLab
from tests.support.waiting import eventually

pytestmark = pytest.mark.azure


def directory_of(lab: AzureLab, person: Person) -> AzureDirectory:
    return AzureDirectory(SignedIn(Tokens(lambda: lab.credential(person)), Identity(person.name)))


@pytest.fixture
async def directory(azure_lab: AzureLab, target: AzureTarget) -> AsyncIterator[AzureDirectory]:
    """The directory as the lab's owner sees it; one workspace is there."""
    from tests.azure_emulator.identity import MEMBER

    opened = directory_of(azure_lab, MEMBER)
    yield opened
    await opened.close()


def add_workspaces(lab: AzureLab, count: int) -> None:
    for number in range(count):
        place = WorkspaceId(lab.subscription_id, "rg-more", f"more-{number:02}")
        lab.store.put(new_workspace(lab.emulator, place, "ada", description="one more"))


async def test_subscriptions_groups_and_workspaces_are_listed(directory: AzureDirectory, azure_lab: AzureLab) -> None:
    azure_lab.emulator.settings.page_size = 2
    add_workspaces(azure_lab, 5)

    (subscription,) = await directory.subscriptions()
    groups = await directory.resource_groups(subscription.subscription_id)
    workspaces = await directory.workspaces(subscription.subscription_id)

    assert (subscription.subscription_id, subscription.tenant_id) == (azure_lab.subscription_id, TENANT)
    assert [group.name for group in groups] == ["rg-lab", "rg-more"]
    assert [one.target.workspace_name for one in workspaces] == [*(f"more-{n:02}" for n in range(5)), "ws-lab"]
    first = workspaces[0]
    assert first.target == AzureTarget(azure_lab.subscription_id, "rg-more", "more-00", tenant_id=TENANT)
    assert (first.description, first.location, first.state) == ("one more", "westeurope", "Succeeded")
    assert first.created_at is not None
    assert first.created_at.tzinfo is not None


async def test_a_stranger_sees_no_subscriptions(azure_lab: AzureLab, target: AzureTarget) -> None:
    directory = directory_of(azure_lab, STRANGER)
    assert await directory.subscriptions() == []


async def test_a_next_page_elsewhere_is_not_followed(directory: AzureDirectory, azure_lab: AzureLab) -> None:
    azure_lab.faults.add(Fault("/workspaces", next_link="https://westeurope.api.azureml.ms/subscriptions"))
    with pytest.raises(TransientError, match=r"westeurope\.api\.azureml\.ms"):
        await directory.workspaces(azure_lab.subscription_id)
    assert all("azureml.ms" not in request.host for request in azure_lab.requests)


async def test_a_workspace_is_made_in_the_background(
    directory: AzureDirectory,
    azure_lab: AzureLab,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    from azure.ai.ml.constants._common import LROConfigurations

    for interval in ("SLEEP_TIME", "POLL_INTERVAL"):
        monkeypatch.setattr(LROConfigurations, interval, 0.05)
    azure_lab.emulator.settings.operation_seconds = inf
    new = AzureTarget(azure_lab.subscription_id, "rg-lab", "ws-new")

    await directory.create(NewWorkspace(new, "northeurope", description="to learn", tags={"team": "a"}))

    (operation,) = directory.operations.running
    assert (operation.verb, operation.subject) == ("Create", "ws-new")
    made = {one.target.workspace_name: one for one in await directory.workspaces(new.subscription_id)}["ws-new"]
    assert (made.state, made.location, made.description) == ("Creating", "northeurope", "to learn")
    assert made.tags["team"] == "a"

    azure_lab.operations.finish_all()
    await eventually(lambda: directory.operations.list()[0].state is OperationState.SUCCEEDED, 30, interval=0.05)
    assert capfd.readouterr() == ("", ""), "the SDK tells of a deployment on stderr"


async def test_a_workspace_that_is_there_is_not_changed_by_a_creation(
    directory: AzureDirectory, azure_lab: AzureLab, target: AzureTarget
) -> None:
    with pytest.raises(ConflictError, match="ws-lab"):
        await directory.create(NewWorkspace(target, "westeurope"))
    assert not azure_lab.requests.matching("^(PUT|PATCH|POST)")
    assert directory.operations.list() == ()


async def test_a_creation_that_azure_does_not_accept_is_told_at_once(azure_lab: AzureLab, target: AzureTarget) -> None:
    directory = directory_of(azure_lab, READER)
    with pytest.raises(AccessError, match=f"Refused: {READER.name}"):
        await directory.create(NewWorkspace(AzureTarget(target.subscription_id, "rg-lab", "ws-new"), "westeurope"))
    assert [operation.state for operation in directory.operations.list()] == [OperationState.FAILED]
    await directory.close()


async def test_only_the_workspace_is_deleted_and_for_good_when_asked(
    directory: AzureDirectory, azure_lab: AzureLab, target: AzureTarget
) -> None:
    await directory.delete(target, permanently=True)
    await eventually(lambda: directory.operations.list()[0].state is OperationState.SUCCEEDED, 30, interval=0.05)

    (request,) = azure_lab.requests.matching("^DELETE")
    assert "forcetopurge=true" in request.target.lower()
    assert await directory.workspaces(target.subscription_id) == []
    with pytest.raises(NotFoundError):
        await directory.delete(target)


async def test_a_deletion_that_fails_later_is_told_by_the_operation(
    directory: AzureDirectory, azure_lab: AzureLab, target: AzureTarget
) -> None:
    azure_lab.operations.fail_next("WorkspaceHasLock", "The scope is locked.")
    await directory.delete(target)
    await eventually(lambda: directory.operations.list()[0].state is OperationState.FAILED, 30, interval=0.05)
    error = directory.operations.list()[0].error
    assert error is not None
    assert "WorkspaceHasLock" in error.detail
