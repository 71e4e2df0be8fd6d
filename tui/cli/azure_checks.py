"""The checks of `lapis doctor --azure`: config.json, the ways to sign in, what the identity sees, the workspace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from services import connect
from services.errors import ServiceError
from services.sign_in import SILENT_METHODS, SignInState, SignInStep
from services.targets import AzureTarget
from tui.cli.checks import Check, State

GROUP = "azure"
Tell = Callable[[Check], None]


async def look_at_azure(target: AzureTarget | None, tell: Tell) -> None:
    """Tell each check as soon as it is done.

    Args:
        target: the workspace that the options name; None takes that of config.json.
    """
    target = target or _config_file(tell)
    if await _sign_in(target, tell):
        await _directory(tell)
        if target is not None:
            await _workspace(target, tell)


def _config_file(tell: Tell) -> AzureTarget | None:
    try:
        found = connect.find_config_file(Path.cwd())
    except ServiceError as error:
        tell(_failed("config.json", error))
        return None
    if found is None:
        tell(Check(GROUP, "config.json", State.NONE, "there is none in this folder or its parents"))
        return None
    where = f"{found.target.workspace_name} in {found.target.resource_group}"
    tell(Check(GROUP, "config.json", State.OK, f"{found.path}: {where}"))
    return found.target


async def _sign_in(target: AzureTarget | None, tell: Tell) -> bool:
    tried = set()
    async for step in connect.sign_in().steps(tenant_id=target.tenant_id if target else ""):
        if step.state is SignInState.TRYING:
            continue
        tried.add(step.method)
        tell(Check(GROUP, step.method.label, *_outcome(step)))
        if step.state is SignInState.SIGNED_IN:
            for method in SILENT_METHODS:
                if method not in tried:
                    tell(Check(GROUP, method.label, State.NONE, "not tried"))
            return True
    advice = (
        "Run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; g x in the app shows a code."
    )
    tell(Check(GROUP, "sign-in", State.FAIL, "nobody is signed in to Azure", advice))
    return False


def _outcome(step: SignInStep) -> tuple[State, str]:
    if step.state is SignInState.SIGNED_IN:
        return State.OK, f"{step.identity.name if step.identity else ''} ({step.seconds:.1f} s)"
    text = f"{step.state}: {step.detail}" if step.detail else step.state.value
    return State.NONE if step.state is SignInState.NOT_AVAILABLE else State.WARN, text


async def _directory(tell: Tell) -> None:
    try:
        directory = await connect.open_directory()
    except ServiceError as error:
        tell(_failed("subscriptions", error))
        return
    try:
        subscriptions = await directory.subscriptions()
        names = ", ".join(one.name for one in subscriptions)
        state = State.OK if subscriptions else State.WARN
        tell(Check(GROUP, "subscriptions", state, names or f"{directory.identity.name} sees none"))
        for subscription in subscriptions:
            found = [one.target.workspace_name for one in await directory.workspaces(subscription.subscription_id)]
            text = f"{subscription.name}: {', '.join(found) or 'none'}"
            tell(Check(GROUP, "workspaces", State.OK, text))
    except ServiceError as error:
        tell(_failed("workspaces", error))
    finally:
        await directory.close()


async def _workspace(target: AzureTarget, tell: Tell) -> None:
    try:
        workspace = await connect.open_workspace(target)
        try:
            info = await workspace.info()
        finally:
            await workspace.close()
    except ServiceError as error:
        tell(_failed("opening it", error))
        return
    tell(Check(GROUP, "opening it", State.OK, f"{info.name} in {info.resource_group}, {info.location}"))


def _failed(name: str, error: ServiceError) -> Check:
    detail = " ".join(error.detail.split("\n"))
    request = f" (request id {error.request_id})" if error.request_id else ""
    return Check(GROUP, name, State.FAIL, f"{error.title}: {detail}{request}", error.advice)
