"""The ways to sign in, on the lab's identity endpoints: who is signed in, and why somebody is not."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from pathlib import Path

import pytest

from services.azure.credentials import Tokens, identity_of, make_silent
from services.azure.http import ARM_SCOPE
from services.azure.sign_in import AzureSignIn
from services.connect import open_directory, open_workspace
from services.errors import AccessError, Who
from services.sign_in import DeviceCode, Identity, SignInMethod, SignInState, SignInStep
from services.targets import AzureTarget
from tests.azure_emulator.identity import APPLICATION, INSTANCE, MEMBER, READER, STRANGER, TENANT, encode_token
from tests.azure_emulator.lab import AzureLab, LabCredential
from tests.azure_emulator.sign_in import USER_CODE, VERIFICATION_URI
from tests.support.waiting import eventually

pytestmark = pytest.mark.azure


async def results(sign_in: AzureSignIn, after: SignInMethod | None = None) -> list[SignInStep]:
    return [step async for step in sign_in.steps(after=after) if step.state is not SignInState.TRYING]


def use_application(lab: AzureLab, monkeypatch: pytest.MonkeyPatch, secret: str = "") -> None:
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    monkeypatch.setenv("AZURE_CLIENT_ID", str(APPLICATION.client_id))
    monkeypatch.setenv("AZURE_CLIENT_SECRET", secret or str(APPLICATION.client_secret))


def use_instance(lab: AzureLab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in lab.instance_environ.items():
        monkeypatch.setenv(name, value)


def install_az(programs: Path, script: str) -> None:
    az = programs / "az"
    az.write_text(f"#!{sys.executable}\nimport json, sys, time\n{script}\n")
    az.chmod(0o755)


def az_that_is_signed_in(lab: AzureLab, programs: Path) -> Path:
    """An `az` that gives a token of the member, and notes each call."""
    calls = programs / "calls"
    token = {"accessToken": lab.directory.token(MEMBER, "https://management.azure.com"), "tenant": TENANT}
    answer = json.dumps({**token, "expires_on": int(time.time()) + 3600, "expiresOn": "2026-01-01 00:00:00.000000"})
    install_az(programs, f"open({str(calls)!r}, 'a').write(' '.join(sys.argv[1:]) + '\\n')\nprint({answer!r})")
    return calls


async def test_with_nothing_set_up_each_method_says_why(sign_in: AzureSignIn) -> None:
    steps = await results(sign_in)

    assert [step.method for step in steps] == ["environment", "azure_cli", "managed_identity"]
    assert {step.state for step in steps} == {SignInState.NOT_AVAILABLE}
    details = [step.detail for step in steps]
    assert "environment variables" in details[0].lower()
    assert "Azure CLI not found" in details[1]
    assert all("\n" not in detail and detail for detail in details)
    assert sign_in.current is None


async def test_a_method_is_told_of_before_it_is_tried(sign_in: AzureSignIn) -> None:
    steps = [step async for step in sign_in.steps()]
    assert [step.state for step in steps[::2]] == [SignInState.TRYING] * 3
    assert [step.method for step in steps[::2]] == [step.method for step in steps[1::2]]


async def test_the_first_call_to_a_workspace_signs_in_without_asking_or_says_all_reasons(
    sign_in: AzureSignIn, target: AzureTarget
) -> None:
    workspace = await open_workspace(target)
    with pytest.raises(AccessError) as caught:
        await workspace.info()
    await workspace.close()
    assert caught.value.title == "Not signed in to Azure"
    assert caught.value.who is Who.YOU
    lines = caught.value.detail.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Environment", "Azure CLI", "Managed identity"]


async def test_the_environment_signs_an_application_in(
    sign_in: AzureSignIn, azure_lab: AzureLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_application(azure_lab, monkeypatch)

    step = (await results(sign_in))[-1]

    assert step.state is SignInState.SIGNED_IN
    assert step.identity == Identity(
        str(APPLICATION.client_id), APPLICATION.object_id, TENANT, SignInMethod.ENVIRONMENT
    )
    assert str(step.identity) == f"{APPLICATION.client_id} (Environment)"
    assert sign_in.current == step


async def test_a_wrong_secret_fails_and_the_next_method_is_tried(
    sign_in: AzureSignIn, azure_lab: AzureLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_application(azure_lab, monkeypatch, secret="not the secret")
    use_instance(azure_lab, monkeypatch)

    first, _, last = await results(sign_in)

    assert first.state is SignInState.FAILED
    assert "AADSTS7000215" in first.detail
    assert "not the secret" not in first.detail
    assert (last.method, last.state) == (SignInMethod.MANAGED_IDENTITY, SignInState.SIGNED_IN)


async def test_azure_cli_is_asked_once_for_all_clients(
    sign_in: AzureSignIn, azure_lab: AzureLab, programs: Path, target: AzureTarget
) -> None:
    calls = az_that_is_signed_in(azure_lab, programs)

    workspace = await open_workspace(target)
    info = await workspace.info()
    await workspace.close()

    assert info.identity == f"{MEMBER.name} (Azure CLI)"
    assert calls.read_text().count("get-access-token") == 1


async def test_azure_cli_is_asked_for_the_tenant_of_the_workspace(
    sign_in: AzureSignIn, azure_lab: AzureLab, programs: Path
) -> None:
    calls = az_that_is_signed_in(azure_lab, programs)
    await sign_in.signed_in(TENANT)
    assert f"--tenant {TENANT}" in calls.read_text()
    await sign_in.signed_in()
    assert calls.read_text().count("\n") == 1, "who is signed in to a tenant is signed in"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("sys.exit('Please run az login to set up an account')", "az login"),
        ("print('no JSON')", "Unexpected output"),
        ("sys.exit('AADSTS50173: the grant has expired')", "AADSTS50173"),
    ],
    ids=["nobody", "garbage", "expired"],
)
async def test_an_azure_cli_that_gives_no_token_is_told_of(
    sign_in: AzureSignIn, programs: Path, script: str, words: str
) -> None:
    install_az(programs, script)
    step = await sign_in.try_method(SignInMethod.AZURE_CLI)
    assert step.state in {SignInState.NOT_AVAILABLE, SignInState.FAILED}
    assert words in step.detail


async def test_a_compute_instance_signs_in_with_its_own_identity(
    sign_in: AzureSignIn, azure_lab: AzureLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_instance(azure_lab, monkeypatch)
    step = await sign_in.try_method(SignInMethod.MANAGED_IDENTITY)
    assert step.identity is not None
    assert (step.identity.object_id, step.identity.name) == (INSTANCE.object_id, INSTANCE.client_id)


async def test_the_instance_s_client_id_is_handed_on(
    sign_in: AzureSignIn, azure_lab: AzureLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_instance(azure_lab, monkeypatch)
    monkeypatch.setenv("DEFAULT_IDENTITY_CLIENT_ID", "another")
    step = await sign_in.try_method(SignInMethod.MANAGED_IDENTITY)
    assert step.state is not SignInState.SIGNED_IN, "the endpoint knows no such identity"


async def test_after_a_refused_identity_the_next_one_is_tried(
    sign_in: AzureSignIn, azure_lab: AzureLab, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    az_that_is_signed_in(azure_lab, programs)
    use_instance(azure_lab, monkeypatch)
    assert [step.method for step in await results(sign_in)][-1] is SignInMethod.AZURE_CLI

    steps = await results(sign_in, after=SignInMethod.AZURE_CLI)

    assert [step.method for step in steps] == [SignInMethod.MANAGED_IDENTITY]
    assert (await sign_in.signed_in()).identity.object_id == INSTANCE.object_id


async def test_a_refusal_names_who_was_refused_and_the_key_that_offers_the_next(
    sign_in: AzureSignIn, azure_lab: AzureLab, target: AzureTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_instance(azure_lab, monkeypatch)
    azure_lab.directory.grant(INSTANCE, None)
    workspace = await open_workspace(target)

    with pytest.raises(AccessError) as caught:
        await workspace.info()
    await workspace.close()

    assert f"Refused: {INSTANCE.client_id} (Managed identity)" in caught.value.detail
    assert "g x" in caught.value.advice


async def test_the_directory_names_who_was_refused_too(
    sign_in: AzureSignIn, azure_lab: AzureLab, target: AzureTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    azure_lab.directory.instance_identity = STRANGER
    use_instance(azure_lab, monkeypatch)
    monkeypatch.delenv("DEFAULT_IDENTITY_CLIENT_ID")
    directory = await open_directory()
    with pytest.raises(AccessError, match=f"Refused: {STRANGER.name}"):
        await directory.workspaces(target.subscription_id)
    await directory.close()


async def test_a_device_code_is_shown_and_signs_the_person_in(sign_in: AzureSignIn, azure_lab: AzureLab) -> None:
    azure_lab.directory.device_identity = READER

    code, step = [told async for told in sign_in.device_code()]

    assert isinstance(code, DeviceCode)
    assert (code.uri, code.code) == (VERIFICATION_URI, USER_CODE)
    assert 800 < code.expires_at.timestamp() - time.time() <= 900
    assert isinstance(step, SignInStep)
    assert (step.state, step.identity and step.identity.name) == (SignInState.SIGNED_IN, READER.name)
    assert (await sign_in.signed_in()).identity.method is SignInMethod.DEVICE_CODE


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("authorization_declined", SignInState.DECLINED),
        ("expired_token", SignInState.EXPIRED),
        ("bad_verification_code", SignInState.FAILED),
    ],
)
async def test_a_device_code_that_comes_to_nothing_is_a_result(
    sign_in: AzureSignIn, azure_lab: AzureLab, answer: str, state: SignInState
) -> None:
    azure_lab.directory.device_answers = [answer]
    *_, step = [told async for told in sign_in.device_code()]
    assert isinstance(step, SignInStep)
    assert step.state is state
    assert step.detail
    assert sign_in.current is None


async def test_a_sign_in_that_is_given_up_ends_its_polling(sign_in: AzureSignIn, azure_lab: AzureLab) -> None:
    azure_lab.directory.device_answers = ["authorization_pending"] * 100
    telling = sign_in.device_code()
    assert isinstance(await anext(telling), DeviceCode)
    waiting = asyncio.ensure_future(anext(telling))
    await eventually(lambda: azure_lab.requests.matching("/token"))

    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    def polling() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread.name.startswith("azure-call")]

    await eventually(lambda: not polling(), what="the thread goes on")
    azure_lab.directory.device_answers = []
    assert sign_in.current is None


async def test_a_sign_in_without_a_network_is_a_result(sign_in: AzureSignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    told = [told async for told in sign_in.device_code()]
    assert [isinstance(one, SignInStep) and one.state for one in told] == [SignInState.FAILED]


async def test_a_device_code_stays_good_for_other_scopes(sign_in: AzureSignIn) -> None:
    async for _ in sign_in.device_code():
        pass
    tokens = (await sign_in.signed_in()).tokens
    token = await asyncio.to_thread(tokens.get_token, "https://ml.azure.com/.default")
    assert token.token


async def test_signing_in_prints_nothing_and_leaves_no_token_in_any_file(
    sign_in: AzureSignIn,
    azure_lab: AzureLab,
    programs: Path,
    target: AzureTarget,
    empty_home: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async for _ in sign_in.device_code():
        pass
    workspace = await open_workspace(target)
    await workspace.info()
    await workspace.close()
    await results(sign_in)

    assert capfd.readouterr() == ("", "")
    token = (await sign_in.signed_in()).tokens.get_token(ARM_SCOPE).token
    secrets = (token.encode(), token.split(".")[1].encode(), b"refresh_token")
    files = [path for path in empty_home.rglob("*") if path.is_file()]
    assert not [path for path in files if any(secret in path.read_bytes() for secret in secrets)]


class Counting(LabCredential):
    """Counts how often a token was asked for."""

    asked = 0

    def get_token(self, *scopes: str, **options: object):  # type: ignore[no-untyped-def]
        self.asked += 1
        return super().get_token(*scopes, **options)


def test_tokens_are_kept_until_shortly_before_their_end(azure_lab: AzureLab) -> None:
    now = time.time()
    clock = [now]
    credential = Counting(azure_lab.directory, MEMBER)
    tokens = Tokens(lambda: credential, lambda: clock[0])

    first = tokens.get_token(ARM_SCOPE)
    clock[0] = now + 3600 - 301
    assert tokens.get_token(ARM_SCOPE).token == first.token
    assert first.expires_on <= now + 300, "the SDK's clients ask again and again, so that a renewal reaches them"
    clock[0] = now + 3600 - 299
    tokens.get_token(ARM_SCOPE)
    assert credential.asked == 2
    tokens.get_token("https://ml.azure.com/.default")
    assert credential.asked == 3


def test_a_renewal_makes_the_credential_anew(azure_lab: AzureLab) -> None:
    made = []

    def make() -> LabCredential:
        made.append(LabCredential(azure_lab.directory, MEMBER))
        return made[-1]

    tokens = Tokens(make)
    first = tokens.get_token(ARM_SCOPE).token
    tokens.renew(first)
    second = tokens.get_token(ARM_SCOPE).token
    assert second != first
    tokens.renew(first)
    assert tokens.get_token(ARM_SCOPE).token == second, "others noticed the same refusal later"
    assert len(made) == 2


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"upn": "ada@example.test", "oid": "1"}, "ada@example.test"),
        ({"unique_name": "live.com#ada@example.test", "oid": "1"}, "live.com#ada@example.test"),
        ({"appid": "app", "oid": "1"}, "app"),
        ({"oid": "1"}, "1"),
        ({}, "unknown"),
    ],
)
def test_who_a_token_is_of_is_read_from_it(claims: dict[str, str], name: str) -> None:
    assert identity_of(encode_token(claims), SignInMethod.AZURE_CLI).name == name


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "a.W10.c", "a.bnVsbA.c"])
def test_a_token_that_can_t_be_read_is_somebody_s_still(token: str) -> None:
    assert identity_of(token, SignInMethod.ENVIRONMENT).name == "unknown"


def test_an_identity_of_the_instance_is_chosen_only_where_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import azure.identity

    seen: list[dict[str, object]] = []
    monkeypatch.setattr(azure.identity, "ManagedIdentityCredential", lambda **options: seen.append(options))
    make_silent(SignInMethod.MANAGED_IDENTITY, "", environ={})
    make_silent(SignInMethod.MANAGED_IDENTITY, "", environ={"DEFAULT_IDENTITY_CLIENT_ID": "mine"})
    make_silent(SignInMethod.MANAGED_IDENTITY, "", "typed", environ={"DEFAULT_IDENTITY_CLIENT_ID": "mine"})
    assert "client_id" not in seen[0], "an explicit None would hide AZURE_CLIENT_ID"
    assert seen[1]["client_id"] == "mine"
    assert seen[2]["client_id"] == "typed"
