"""azure-identity signs in at the emulator."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.azure_emulator.identity import APPLICATION, INSTANCE, MEMBER, TENANT, decode_token
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.sign_in import USER_CODE, VERIFICATION_URI

pytestmark = pytest.mark.azure

SCOPE = "https://management.azure.com/.default"


def owner(token: str) -> str:
    claims = decode_token(token)
    assert claims["aud"] == "https://management.azure.com"
    return str(claims["oid"])


def device_credential(**options: Any) -> tuple[Any, list[tuple[str, str]]]:
    from azure.identity import DeviceCodeCredential

    told: list[tuple[str, str]] = []
    credential = DeviceCodeCredential(
        tenant_id=TENANT, prompt_callback=lambda uri, code, expires: told.append((uri, code)), **options
    )
    return credential, told


def test_a_device_code_is_told_and_polled_until_it_is_typed(azure_lab: AzureLab) -> None:
    credential, told = device_credential()
    assert owner(credential.get_token(SCOPE).token) == MEMBER.object_id
    assert told == [(VERIFICATION_URI, USER_CODE)]
    assert len(azure_lab.requests.matching("POST .*/token")) == 2


@pytest.mark.parametrize("answer", ["authorization_declined", "expired_token"])
def test_a_device_code_that_nobody_accepts(azure_lab: AzureLab, answer: str) -> None:
    from azure.core.exceptions import ClientAuthenticationError

    azure_lab.directory.device_answers = [answer]
    with pytest.raises(ClientAuthenticationError):
        device_credential()[0].get_token(SCOPE)


def test_a_device_code_ends_in_time(azure_lab: AzureLab) -> None:
    from azure.core.exceptions import ClientAuthenticationError

    azure_lab.directory.device_answers = ["authorization_pending"] * 100
    started = time.monotonic()
    with pytest.raises(ClientAuthenticationError, match="Timed out"):
        device_credential(timeout=1)[0].get_token(SCOPE)
    assert time.monotonic() - started < 5


def test_a_client_secret_is_checked(azure_lab: AzureLab) -> None:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import ClientSecretCredential

    assert APPLICATION.client_id
    assert APPLICATION.client_secret
    good = ClientSecretCredential(TENANT, APPLICATION.client_id, APPLICATION.client_secret)
    assert owner(good.get_token(SCOPE).token) == APPLICATION.object_id
    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
        ClientSecretCredential(TENANT, APPLICATION.client_id, "wrong").get_token(SCOPE)


def test_a_compute_instance_has_an_identity(azure_lab: AzureLab, monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.core.exceptions import ClientAuthenticationError
    from azure.identity import ManagedIdentityCredential

    for name, value in azure_lab.instance_environ.items():
        monkeypatch.setenv(name, value)
    assert owner(ManagedIdentityCredential().get_token(SCOPE).token) == INSTANCE.object_id
    named = ManagedIdentityCredential(client_id=azure_lab.instance_environ["DEFAULT_IDENTITY_CLIENT_ID"])
    assert owner(named.get_token(SCOPE).token) == INSTANCE.object_id
    with pytest.raises(ClientAuthenticationError):
        ManagedIdentityCredential(client_id="somebody else").get_token(SCOPE)


def test_a_machine_without_an_identity_says_so_soon(azure_lab: AzureLab) -> None:
    from azure.identity import CredentialUnavailableError, ManagedIdentityCredential

    with pytest.raises(CredentialUnavailableError):
        ManagedIdentityCredential(retry_total=0).get_token(SCOPE)
    assert any("169.254.169.254" in place for place in azure_lab.jail.refused)
