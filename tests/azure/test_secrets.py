"""Secrets that Azure or a team puts into everything: none is on a screen, in a file, on the terminal or in a report."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from screens.places import Open, Place
from services import crash_reports
from services.azure import client
from services.azure.workspace import AzureWorkspace
from services.errors import ServiceError
from services.specs.assets import DataSpec
from services.targets import AzureTarget, WorkspaceTarget
from services.workspace import Workspace
from tests.azure_emulator.control_plane.assets import put_version
from tests.azure_emulator.control_plane.compute_states import finish_creation, new_compute
from tests.azure_emulator.control_plane.datastores import new_datastore
from tests.azure_emulator.control_plane.job_bodies import new_job
from tests.azure_emulator.faults import FOREVER, Fault
from tests.azure_emulator.identity import APPLICATION, MEMBER
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.run_history import run_folder, user_error
from tests.azure_emulator.storage import ACCOUNT, ARTIFACT_CONTAINER, KEY
from tests.azure_emulator.storage import Storage as LabStorage
from tests.support.app import settle
from tests.support.snapshots import screen_text
from tests.support.waiting import eventually
from tui.__main__ import main
from tui.app import LapisApp

pytestmark = [pytest.mark.azure, pytest.mark.slow]

SIGNATURE = "pQ3rS4tU5vW6xY7zA8bC9dE0fG1hI2jK3lM4nO5pQ6r%3D"
PASSWORD = "correct-horse-battery-staple"
API_KEY = "q9w8e7r6t5y4u3i2o1p0"
HUB_TOKEN = "hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZ012345"
PEM_BODY = "MIIEpAIBAAKCAQEAx7hJkQw0pWq3z9Yk1mN8vB2cD4eF6gH8iJ0kL2mN4oP6qR8s"
JWT = "eyJhbGciOiJub25lIn0.eyJvaWQiOiJzb21lYm9keSJ9.c2lnbmF0dXJlLW9mLXNvbWVib2R5"
PLANTED = (SIGNATURE, PASSWORD, API_KEY, HUB_TOKEN, PEM_BODY, JWT, KEY, str(APPLICATION.client_secret))
SIGNED = f"https://{ACCOUNT}.blob.core.windows.net/c/a.csv?sv=2021-10-04&sig={SIGNATURE}"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}\n-----END RSA PRIVATE KEY-----"
ALL = (
    f"{SIGNED} DefaultEndpointsProtocol=https;AccountKey={KEY};EndpointSuffix=core.windows.net password={PASSWORD}"
    f" Bearer {JWT} token: {HUB_TOKEN} api_key='{API_KEY}' {PEM}"
)
TAGS = {"api_key": API_KEY, "link": SIGNED, "note": f"password={PASSWORD}", f"token={HUB_TOKEN}": "x"}
# What nobody planted: signatures and tokens that the service makes itself.
_MADE = re.compile(r"sig=(?!<redacted>)[^&\s]{10}|eyJ[\w-]{10,}\.[\w-]{10,}")
SCREENS = (
    "jobs", "job/leaky_job", "data", "data-asset/leaky:1", "models", "model/leaky:1", "environments", "datastores",
    "datastore/workspaceblobstore", "compute", "workspace", "connect",
)  # fmt: skip
TABS = {
    "job": ("overview", "logs", "error", "params", "outputs", "code", "yaml"),
    "data-asset": ("overview", "versions", "files", "yaml"),
}
WORKSPACE = ("-w", f"azure:{AzureLab.subscription_id}/{AzureLab.resource_group}/{AzureLab.workspace_name}")
VERBS = (
    ("job", "list"), ("job", "show", "-n", "leaky_job"), ("job", "stream", "-n", "leaky_job"),
    ("job", "download", "-n", "leaky_job", "--all", "-p", "{folder}"), ("data", "list"),
    ("data", "list", "-n", "leaky"), ("data", "show", "-n", "leaky"), ("model", "list"),
    ("model", "show", "-n", "leaky"),
    ("environment", "list"), ("environment", "show", "-n", "leaky"), ("datastore", "list"),
    ("datastore", "show", "-n", "leaky"), ("compute", "list"), ("compute", "show", "-n", "leaky-vm"),
    ("compute", "show", "-n", "leaky-box"), ("compute", "list-nodes", "-n", "cpu-cluster"), ("workspace", "show"),
    ("workspace", "list"), ("workspace", "diagnose"), ("doctor", "--azure"),
)  # fmt: skip


def leaks(text: str) -> list[str]:
    """The secrets that a text holds."""
    return [secret for secret in PLANTED if secret in text] + _MADE.findall(text)


def leaks_in(folder: Path) -> dict[str, list[str]]:
    """The secrets in the files of a folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    found = {str(path): leaks(path.read_bytes().decode("utf-8", "replace")) for path in files}
    return {path: secrets for path, secrets in found.items() if secrets}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for another look."""
    monkeypatch.setattr(client, "POLLING_SECONDS", 0.05)


@pytest.fixture
def leaky(azure_storage: LabStorage, azure_lab: AzureLab, target: AzureTarget) -> AzureTarget:
    """A workspace with a secret wherever there is room for text."""
    emulator, home, by = azure_lab.emulator, azure_lab.workspace_id, MEMBER.name
    azure_lab.faults.add(Fault("/mlflow/", FOREVER, status=404, message=ALL))
    job = {
        "jobType": "Command",
        "command": f"python train.py --token {HUB_TOKEN} --url '{SIGNED}'",
        "displayName": f"password={PASSWORD}",
        "description": ALL,
        "environmentVariables": {"DB_PASSWORD": PASSWORD, "HF_TOKEN": HUB_TOKEN, "CONNECTION": f"AccountKey={KEY}"},
        "inputs": {
            "api_key": {"jobInputType": "literal", "value": API_KEY},
            "table": {"jobInputType": "uri_file", "uri": SIGNED, "mode": "ReadOnlyMount"},
        },
        "properties": {"connection": ALL},
        "tags": TAGS,
        "status": "Failed",
        "computeId": f"{home}/computes/cpu-cluster",
    }
    made = emulator.store.put(
        new_job(home, "leaky_job", job, created=emulator.now(), by=by, region=emulator.settings.region)
    )
    emulator.run_errors[made["id"].lower()] = user_error(ALL)
    log = f"start\n{ALL}\nTraceback (most recent call last):\nValueError: password={PASSWORD}\n"
    azure_storage.write_blob(ARTIFACT_CONTAINER, f"{run_folder('leaky_job')}/user_logs/std_log.txt", log.encode())
    described = {"description": ALL, "tags": TAGS, "properties": {"link": SIGNED}}
    put_version(emulator, home, "data", "leaky", "1", {"dataType": "uri_file", "dataUri": SIGNED, **described}, by=by)
    put_version(
        emulator, home, "models", "leaky", "1", {"modelType": "custom_model", "modelUri": SIGNED, **described}, by=by
    )
    conda = f"dependencies:\n- pip:\n  - git+https://me:{PASSWORD}@git.example/team/tools.git\n"
    put_version(emulator, home, "environments", "leaky", "1", {"condaFile": conda, "image": "i", **described}, by=by)
    emulator.store.put(
        new_datastore(
            emulator,
            home,
            "leaky",
            {
                "datastoreType": "AzureBlob",
                "accountName": ACCOUNT,
                "containerName": "c",
                "credentials": {"credentialsType": "AccountKey", "secrets": {"key": KEY}},
                **described,
            },
            by=by,
        )
    )
    machine = {
        "administratorAccount": {"username": "u", "password": PASSWORD, "privateKeyData": PEM},
        "address": SIGNED,
    }
    settings = {"sshSettings": {"adminUserName": "u", "adminUserPassword": PASSWORD, "sshPort": 22}}
    for name, kind, inner in (("leaky-vm", "VirtualMachine", machine), ("leaky-box", "ComputeInstance", settings)):
        body = {"computeType": kind, "description": ALL, "properties": {"vmSize": "Standard_DS3_v2", **inner}}
        compute = emulator.store.put(new_compute(emulator, home, name, body, by=by, tags=TAGS))
        finish_creation(emulator, compute, {"code": "Failed", "message": ALL})
    return target


@pytest.fixture
async def opened(leaky: AzureTarget, azure_lab: AzureLab) -> AsyncIterator[AzureWorkspace]:
    """The workspace that is full of secrets."""
    workspace = await AzureWorkspace.open(leaky, azure_lab.credential())
    yield workspace
    await workspace.close()


@pytest.fixture
def signed_in(leaky: AzureTarget, azure_lab: AzureLab, sign_in: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application is who works here, by variables of the environment."""
    monkeypatch.setenv("AZURE_TENANT_ID", azure_lab.tenant_id)
    monkeypatch.setenv("AZURE_CLIENT_ID", str(APPLICATION.client_id))
    monkeypatch.setenv("AZURE_CLIENT_SECRET", str(APPLICATION.client_secret))


@pytest.fixture(autouse=True)
def nothing_leaks(empty_home: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """After each test there is no secret in any file of its home, and none was printed."""
    yield
    assert not leaks_in(empty_home)
    assert not leaks("".join(capfd.readouterr()))


@pytest.mark.usefixtures("signed_in")
async def test_no_secret_is_on_any_screen(opened: AzureWorkspace, leaky: AzureTarget, empty_home: Path) -> None:
    async def open_it(_: WorkspaceTarget) -> Workspace:
        return opened

    app = LapisApp(open_it, leaky)
    texts: dict[str, str] = {}
    async with app.run_test(size=(160, 60)) as pilot:

        async def note(where: str) -> None:
            await settle(pilot, 20)
            await eventually(lambda: "Reading" not in screen_text(app))
            texts[where] = screen_text(app)

        await note("first")
        for place in SCREENS:
            screen, _, subject = place.partition("/")
            for tab in TABS.get(screen, ("",)):
                app.screen.post_message(Open(Place(screen, subject, tab=tab), push=False))
                await note(f"{place} {tab}")
                for number, key in enumerate(("down",) * 4 + ("c", "y")):
                    await pilot.press(key)
                    await note(f"{place} {tab} {number}")
                if len(app.screen_stack) > len(app.navigation.stack):
                    await pilot.press("escape")
        await pilot.press("O")
        await note("operations")
    for place in ("jobs", "job/leaky_job", "data-asset/leaky:1", "model/leaky:1", "compute"):
        told = "".join(text for where, text in texts.items() if where.startswith(f"{place} "))
        assert "<redacted>" in told, f"{place} shows nothing that had a secret"
    assert not {where: found for where, text in texts.items() if (found := leaks(text))}
    assert list(empty_home.rglob("jobs.db")), "the copy of the jobs list is on disk"


async def test_no_error_tells_a_secret(opened: AzureWorkspace, azure_lab: AzureLab, tmp_path: Path) -> None:
    azure_lab.faults.add(Fault("(PUT|DELETE|POST|PATCH) ", FOREVER, status=409, code="Conflict", message=ALL))
    (tmp_path / "a.csv").write_text("a\n1\n")
    azure_lab.operations.fail_next("QuotaExceeded", ALL)
    for call in (
        opened.compute.stop("ada-notebook"),
        opened.compute.delete("gpu-spot"),
        opened.jobs.archive("leaky_job"),
        opened.data.create(
            DataSpec("new", "azureml://datastores/workspaceblobstore/paths/a", "uri_file"), base=tmp_path
        ),
    ):
        with pytest.raises(ServiceError) as caught:
            await call
        error = caught.value
        assert "<redacted>" in error.detail
        assert not leaks(f"{error}{error.detail}{error.advice}")
        report = crash_reports.write_report(error)
        assert report is not None
        assert "<redacted>" in report.read_text()
    azure_lab.faults.clear()
    await opened.compute.start("rosa-notebook")
    await eventually(lambda: not opened.operations.running)
    assert not leaks("".join(str(operation.error) for operation in opened.operations.list()))


@pytest.mark.usefixtures("signed_in")
@pytest.mark.parametrize("output", ["json", "yaml", "table"])
def test_no_command_prints_a_secret(
    output: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)  # to a pipe a log goes byte by byte as it is
    redacted = 0
    for verb in VERBS:
        arguments = [part.format(folder=tmp_path / "download") for part in verb]
        plain = verb[1] in ("stream",) or verb[0] == "doctor"
        capfd.readouterr()
        with suppress(SystemExit):
            main([*WORKSPACE, *arguments, *(() if plain else ("-o", output))])
        told = "".join(capfd.readouterr())
        assert "usage:" not in told, verb
        assert not leaks(told), f"{' '.join(verb)} printed {leaks(told)}:\n{told}"
        redacted += "<redacted>" in told
    assert redacted >= 5, "what had secrets in it was printed"
