"""What goes wrong on purpose reaches the SDK as it does from Azure."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from tests.azure_emulator.faults import FOREVER, SAME_PAGE, Fault, Outage
from tests.azure_emulator.identity import READER, STRANGER
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.storage import BLOB_CONTAINER, HOST, Storage, account_sas

pytestmark = pytest.mark.azure

ARM = "management.azure.com"
GET = r"GET .*/workspaces/ws-lab\?"


@pytest.fixture
def read(azure_lab: AzureLab, new_client: Callable[..., Any]) -> Callable[[], Any]:
    """Reads the workspace with a client that tries twice and waits little."""
    azure_lab.seed_workspace()
    client = new_client(retry_total=1, retry_backoff_factor=0.01, read_timeout=1, connection_timeout=1)
    return lambda: client.workspaces.get("ws-lab")


def attempts(lab: AzureLab) -> int:
    return len(lab.requests.matching(GET))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "HttpResponseError"),
        (401, "ClientAuthenticationError"),
        (403, "HttpResponseError"),
        (404, "ResourceNotFoundError"),
        (409, "ResourceExistsError"),
        (412, "HttpResponseError"),
    ],
)
def test_a_refusal_is_not_repeated(azure_lab: AzureLab, read: Callable[[], Any], status: int, kind: str) -> None:
    import azure.core.exceptions

    azure_lab.faults.add(Fault(GET, FOREVER, status=status, code="Refused", message="No."))
    with pytest.raises(azure.core.exceptions.HttpResponseError) as raised:
        read()
    assert (type(raised.value).__name__, raised.value.status_code) == (kind, status)
    assert raised.value.error.code == "Refused"
    assert attempts(azure_lab) == 1


@pytest.mark.parametrize(("status", "headers"), [(429, {}), (429, {"Retry-After": "1"}), (500, {}), (503, {})], ids=str)
def test_a_burst_of_failures_passes(
    azure_lab: AzureLab, read: Callable[[], Any], status: int, headers: dict[str, str]
) -> None:
    azure_lab.faults.add(Fault(GET, 1, status=status, headers=headers))
    assert read().name == "ws-lab"
    first, second = azure_lab.requests.matching(GET)
    assert (first.status, second.status) == (status, 200)
    assert second.started - first.started >= float(headers.get("Retry-After", 0))


def test_a_fault_waits_for_its_turn(azure_lab: AzureLab, read: Callable[[], Any]) -> None:
    from azure.core.exceptions import HttpResponseError

    azure_lab.faults.add(Fault(GET, 1, skip=1, status=400))
    read()
    with pytest.raises(HttpResponseError):
        read()
    read()


def test_an_answer_that_takes_too_long_times_out(azure_lab: AzureLab, read: Callable[[], Any]) -> None:
    from azure.core.exceptions import ServiceResponseTimeoutError

    azure_lab.faults.add(Fault(GET, FOREVER, delay=1.2))
    with pytest.raises(ServiceResponseTimeoutError):
        read()


def test_a_dropped_connection_has_no_answer(azure_lab: AzureLab, read: Callable[[], Any]) -> None:
    from azure.core.exceptions import AzureError

    # urllib3 takes it for a fault of the proxy where there is one, so its kind says little.
    azure_lab.faults.add(Fault(GET, FOREVER, drop=True))
    with pytest.raises(AzureError, match="closed connection without response"):
        read()
    assert attempts(azure_lab) > 1


def test_half_an_answer_is_an_error(azure_lab: AzureLab, read: Callable[[], Any]) -> None:
    from azure.core.exceptions import AzureError

    azure_lab.faults.add(Fault(GET, FOREVER, truncate=True))
    with pytest.raises(AzureError, match=r"[Ii]ncomplete|broken"):
        read()


def test_html_in_place_of_json_is_no_json(azure_lab: AzureLab, read: Callable[[], Any]) -> None:
    azure_lab.faults.add(Fault(GET, status=200, body=b"<html>Sign in to the hotel</html>"))
    with pytest.raises(json.JSONDecodeError):
        read()


@pytest.mark.parametrize(
    ("outage", "kind", "words"),
    [
        (Outage.REFUSED, "ServiceRe", "closed connection"),
        (Outage.NO_DNS, "ServiceRequestError", "not known"),
        (Outage.BLACK_HOLE, "ServiceRe", "timed out|timeout"),
        (Outage.UNTRUSTED, "ServiceRequestError", "CERTIFICATE_VERIFY_FAILED"),
    ],
)
def test_the_network_fails_and_comes_back(
    azure_lab: AzureLab, read: Callable[[], Any], outage: Outage, kind: str, words: str
) -> None:
    from azure.core.exceptions import AzureError

    read()
    azure_lab.faults.cut_off(ARM, outage)
    with pytest.raises(AzureError, match=words) as raised:
        read()
    assert type(raised.value).__name__.startswith(kind)
    azure_lab.faults.clear()
    assert read().name == "ws-lab"


def test_an_upload_is_cut_at_half(azure_lab: AzureLab, azure_storage: Storage) -> None:
    from azure.core.exceptions import ResourceNotFoundError

    azure_lab.faults.cut_off(HOST, Outage.CUT, count=1, after_bytes=150_000)
    url = f"https://{HOST}/{BLOB_CONTAINER}/half.bin?{account_sas()}"
    with pytest.raises(requests.ConnectionError):
        requests.put(url, bytes(300_000), headers={"x-ms-blob-type": "BlockBlob"}, timeout=10)
    with pytest.raises(ResourceNotFoundError):
        azure_storage.read_blob(BLOB_CONTAINER, "half.bin")
    assert requests.put(url, bytes(300_000), headers={"x-ms-blob-type": "BlockBlob"}, timeout=10).status_code == 201


def test_a_page_leads_to_a_stranger(azure_lab: AzureLab, new_client: Callable[..., Any]) -> None:
    from azure.core.exceptions import AzureError

    azure_lab.seed_workspace()
    azure_lab.faults.add(Fault(r"GET .*/computes\?", next_link="https://attacker.example/steal"))
    computes = new_client(retry_total=0).compute.list()
    with pytest.raises(AzureError):
        list(computes)
    assert set(azure_lab.jail.refused) == {"attacker.example:443"}


def test_a_page_leads_to_itself(azure_lab: AzureLab, client: Any) -> None:
    azure_lab.faults.add(Fault(r"GET .*/computes\?", 3, next_link=SAME_PAGE))
    assert len(list(client.compute.list())) == 4 * len(azure_lab.store.children(f"{azure_lab.workspace_id}/computes"))


def test_an_operation_that_fails_has_status_200(azure_lab: AzureLab, client: Any) -> None:
    from azure.ai.ml.entities import AmlCompute
    from azure.core.exceptions import HttpResponseError

    azure_lab.operations.fail_next("QuotaExceeded", "The quota of cores is used up.")
    with pytest.raises(HttpResponseError) as raised:
        client.compute.begin_create_or_update(AmlCompute(name="big", size="Standard_DS3_v2")).result()
    assert (raised.value.status_code, raised.value.error.code) == (200, "QuotaExceeded")
    assert client.compute.get("big").provisioning_state == "Failed"


def test_a_token_expires_in_the_middle(azure_lab: AzureLab, read: Callable[[], Any]) -> None:
    from azure.core.exceptions import ClientAuthenticationError

    read()
    azure_lab.directory.expire_tokens()
    with pytest.raises(ClientAuthenticationError, match="expired"):
        read()


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_wrong_clock_shows_in_the_date_and_in_refused_tokens(
    azure_lab: AzureLab, read: Callable[[], Any], hours: int
) -> None:
    from azure.core.exceptions import ClientAuthenticationError

    azure_lab.emulator.settings.clock_offset = timedelta(hours=hours)
    with pytest.raises(ClientAuthenticationError) as raised:
        read()
    date = parsedate_to_datetime(raised.value.response.headers["Date"])
    assert abs(date - datetime.now(UTC) - timedelta(hours=hours)) < timedelta(seconds=30)


def test_those_without_rights_are_named(azure_lab: AzureLab, new_client: Callable[..., Any]) -> None:
    from azure.core.exceptions import HttpResponseError

    azure_lab.seed_workspace()
    with pytest.raises(HttpResponseError) as raised:
        new_client(azure_lab.credential(STRANGER)).workspaces.get("ws-lab")
    assert (raised.value.status_code, raised.value.error.code) == (403, "AuthorizationFailed")
    assert STRANGER.object_id in raised.value.message
    reader = new_client(azure_lab.credential(READER))
    assert reader.workspaces.get("ws-lab").name == "ws-lab"
    with pytest.raises(HttpResponseError, match="computes/start/action"):
        reader.compute.begin_start("rosa-notebook")


def test_an_error_of_the_service_has_its_code_in_the_details(client: Any) -> None:
    from azure.core.exceptions import ResourceNotFoundError

    with pytest.raises(ResourceNotFoundError) as raised:
        client.jobs.get("nowhere")
    assert (raised.value.error.code, raised.value.error.details[0].code) == ("UserError", "NotFoundError")
    assert raised.value.response.headers["x-ms-request-id"]
    assert int(raised.value.response.headers["x-ms-ratelimit-remaining-subscription-reads"]) < 249


def test_latency_is_waited(azure_lab: AzureLab, read: Callable[[], Any]) -> None:
    azure_lab.emulator.settings.latency = 0.05
    read()
    assert azure_lab.requests.matching(GET)[0].seconds >= 0.05
