"""Datastores that somebody registers: of every type, on both kinds of workspace."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from services.errors import AccessError, NotFoundError, SpecError, UserError
from services.local.workspace import LocalWorkspace
from services.specs.assets import DataSpec
from services.specs.command import CommandJob, JobInput
from services.specs.datastores import DatastoreCredentials, DatastoreSpec, OneLakeArtifact, spec_of
from services.storage.datastores import machine_credential
from services.text import REDACTED
from services.uris import datastore_uri
from services.workspace import Workspace
from tests.azure_emulator.identity import APPLICATION, TENANT
from tests.azure_emulator.storage import ACCOUNT, KEY, Storage, account_sas
from tests.contract.backends import DEFAULT_DATASTORE, Backend
from tests.contract.conftest import MakeFile

OTHER_KEY = "A" * 86 + "=="
PASSWORD = "hunter2-hunter2"
PRINCIPAL = DatastoreCredentials(tenant_id="t-1", client_id="c-1", client_secret=PASSWORD)
BLOB = DatastoreSpec(
    "raw",
    "azure_blob",
    account_name=ACCOUNT,
    container_name="raw-files",
    credentials=DatastoreCredentials(account_key=KEY),
)
SPECS = (
    BLOB,
    DatastoreSpec("share", "azure_file", account_name="contoso", file_share_name="notes"),
    DatastoreSpec("lake", "azure_data_lake_gen2", account_name="contoso", filesystem="raw", credentials=PRINCIPAL),
    DatastoreSpec(
        "cert",
        "azure_data_lake_gen2",
        account_name="contoso",
        filesystem="raw",
        credentials=DatastoreCredentials(tenant_id="t-1", client_id="c-1", thumbprint="AB12", certificate=PASSWORD),
    ),
    DatastoreSpec("fabric", "one_lake", one_lake_workspace_name="ws", artifact=OneLakeArtifact("plant")),
)


FAULTS: tuple[tuple[dict[str, object], str], ...] = (
    ({"name": "a b"}, "name"),
    ({"account_name": None}, "account_name"),
    ({"account_name": "https://x.blob.core.windows.net"}, "account_name"),
    ({"filesystem": "x"}, "filesystem"),
    ({"endpoint": "https://core.windows.net"}, "endpoint"),
    ({"type": "azure_data_lake_gen1"}, "type"),
    ({"credentials": PRINCIPAL}, "credentials"),
    ({"credentials": DatastoreCredentials(account_key="not base64!")}, "credentials.account_key"),
    ({"credentials": DatastoreCredentials(account_key=REDACTED)}, "credentials.account_key"),
    ({"credentials": DatastoreCredentials(sas_token="https://x/y?se=2099-01-01")}, "credentials.sas_token"),
    ({"credentials": DatastoreCredentials(sas_token="se=2020-01-01&sig=abc")}, "credentials.sas_token"),
)


class TestRegistering:
    async def test_each_type_is_registered_told_edited_and_forgotten(self, workspace: Workspace, base: Path) -> None:
        for spec in SPECS:
            made = await workspace.datastores.create(spec, base=base)
            again = spec_of(made)
            assert again is not None
            assert (again.name, again.type, again.signs_in.kind) == (spec.name, spec.type, spec.signs_in.kind)
            assert made.account_name in (spec.account_name, spec.one_lake_workspace_name)
            assert made.container_name in ("raw-files", "notes", "raw", "plant")
            assert bool(made.identity) == (made.credentials == "none")
            assert made in await workspace.datastores.list()
            # what is told loads again, and leaves the secret as it is
            edited = await workspace.datastores.create(replace(again, description="words", tags={"a": "1"}), base=base)
            assert (edited.description, edited.tags, edited.credentials) == ("words", {"a": "1"}, made.credentials)
            assert edited.credential_fields == made.credential_fields
            assert KEY not in repr(edited)
            assert PASSWORD not in repr(edited)
        for spec in SPECS:
            await workspace.datastores.delete(spec.name)
            with pytest.raises(NotFoundError):
                await workspace.datastores.get(spec.name)

    async def test_faults_have_their_path(self, workspace: Workspace, base: Path) -> None:
        for changes, path in FAULTS:
            spec = replace(BLOB, **changes)  # type: ignore[arg-type]
            assert path in [fault.path for fault in await workspace.datastores.check(spec, base=base)]
            with pytest.raises(SpecError) as caught:
                await workspace.datastores.create(spec, base=base)
            assert path in [fault.path for fault in caught.value.faults]

    async def test_a_type_never_changes(self, workspace: Workspace, base: Path) -> None:
        await workspace.datastores.create(SPECS[1], base=base)
        with pytest.raises(SpecError, match="is there already and is of type azure_file"):
            await workspace.datastores.create(replace(BLOB, name="share"), base=base)

    async def test_the_default_stays_and_no_file_is_deleted(
        self, workspace: Workspace, backend: Backend, base: Path
    ) -> None:
        backend.put("a.csv", "a\n1\n")
        with pytest.raises(UserError, match=DEFAULT_DATASTORE):
            await workspace.datastores.delete(DEFAULT_DATASTORE)
        assert await workspace.datastores.read(DEFAULT_DATASTORE, "a.csv") == b"a\n1\n"
        assert await workspace.datastores.read(DEFAULT_DATASTORE, "a.csv", 2) == b"a\n"
        with pytest.raises(NotFoundError):
            await workspace.datastores.read(DEFAULT_DATASTORE, "b.csv")

    async def test_a_big_folder_is_read_as_far_as_one_asks(self, workspace: Workspace, backend: Backend) -> None:
        for number in range(5):
            backend.put(f"big/{number}.csv", "")
        assert len(await workspace.datastores.browse(DEFAULT_DATASTORE, "big", limit=3)) == 3


@pytest.mark.azure
class TestStorage:
    """Own storage, from a workspace of each kind."""

    @pytest.fixture(autouse=True)
    def raw_files(self, azure_lab: object, azure_storage: Storage) -> Storage:
        azure_storage.write_blob("raw-files", "2026/x.csv", b"a,b\n1,2\n")
        return azure_storage

    async def test_it_is_browsed_and_read_by_key_and_by_signature(self, workspace: Workspace, base: Path) -> None:
        for credentials in (BLOB.credentials, DatastoreCredentials(sas_token=f"?{account_sas()}")):
            made = await workspace.datastores.create(replace(BLOB, credentials=credentials), base=base)
            assert (made.expires_at is not None) == (made.credentials == "sas")
            (folder,) = await workspace.datastores.browse("raw")
            (file,) = await workspace.datastores.browse("raw", folder.path)
            assert (folder.path, folder.is_folder, file.path, file.size) == ("2026", True, "2026/x.csv", 8)
            assert await workspace.datastores.read("raw", file.path) == b"a,b\n1,2\n"

    async def test_a_wrong_key_is_told_and_mended(self, workspace: Workspace, base: Path) -> None:
        await workspace.datastores.create(
            replace(BLOB, credentials=DatastoreCredentials(account_key=OTHER_KEY)), base=base
        )
        with pytest.raises(AccessError) as caught:
            await workspace.datastores.browse("raw")
        assert caught.value.title == "The account key was refused"
        assert "<" not in caught.value.detail, "not the whole answer"
        assert "e edits the datastore" in caught.value.advice
        assert OTHER_KEY not in str(caught.value)
        await workspace.datastores.create(BLOB, base=base)
        assert len(await workspace.datastores.browse("raw")) == 1

    async def test_an_edit_without_the_secret_keeps_it(self, workspace: Workspace, base: Path) -> None:
        made = await workspace.datastores.create(BLOB, base=base)
        again = spec_of(made)
        assert again is not None
        await workspace.datastores.create(replace(again, description="words"), base=base)
        assert len(await workspace.datastores.browse("raw")) == 1

    async def test_a_signature_that_has_expired_since(
        self, workspace: Workspace, base: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("services.specs.datastores._sas_faults", lambda *_: iter(()))
        token = account_sas(hours=-1)
        await workspace.datastores.create(replace(BLOB, credentials=DatastoreCredentials(sas_token=token)), base=base)
        with pytest.raises(AccessError) as caught:
            await workspace.datastores.browse("raw")
        assert caught.value.title == "The signature has expired"
        assert "expired at" in caught.value.detail

    async def test_a_service_principal_reads_a_lake(self, workspace: Workspace, base: Path) -> None:
        named = {"tenant_id": TENANT, "client_id": APPLICATION.client_id}
        lake = DatastoreSpec("lake", "azure_data_lake_gen2", account_name=ACCOUNT, filesystem="raw-files")
        good = DatastoreCredentials(**named, client_secret=APPLICATION.client_secret)
        await workspace.datastores.create(replace(lake, credentials=good), base=base)
        assert [entry.path for entry in await workspace.datastores.browse("lake")] == ["2026"]
        wrong = DatastoreCredentials(**named, client_secret=PASSWORD)
        await workspace.datastores.create(replace(lake, credentials=wrong), base=base)
        with pytest.raises(AccessError) as caught:
            await workspace.datastores.browse("lake")
        assert caught.value.title == "The service principal was refused"
        assert "e edits the datastore" in caught.value.advice

    async def test_an_identity_reads_what_has_no_secret(
        self, workspace: Workspace, base: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name, value in (("TENANT_ID", TENANT), ("CLIENT_ID", APPLICATION.client_id)):
            monkeypatch.setenv(f"AZURE_{name}", value or "")
        monkeypatch.setenv("AZURE_CLIENT_SECRET", APPLICATION.client_secret or "")
        machine_credential.cache_clear()
        await workspace.datastores.create(replace(BLOB, credentials=None), base=base)
        assert len(await workspace.datastores.browse("raw")) == 1
        machine_credential.cache_clear()

    async def test_a_container_that_is_missing(self, workspace: Workspace, base: Path) -> None:
        await workspace.datastores.create(replace(BLOB, container_name="gone"), base=base)
        with pytest.raises(NotFoundError, match="has no container gone"):
            await workspace.datastores.browse("raw")

    async def test_a_job_here_cannot_read_it(self, workspace: Workspace, base: Path) -> None:
        if not isinstance(workspace, LocalWorkspace):
            pytest.skip("jobs in Azure read it")
        await workspace.datastores.create(BLOB, base=base)
        spec = CommandJob("cat ${{inputs.x}}", inputs={"x": JobInput("uri_file", datastore_uri("raw", "2026/x.csv"))})
        found = (await workspace.jobs.preflight(spec, base=base)).faults
        assert "is in Azure storage" in next(fault.message for fault in found if fault.path == "inputs.x.path")


class TestFolders:
    """A folder of this machine; a local workspace alone has such datastores."""

    @pytest.fixture
    def usb(self, base: Path, make_file: MakeFile) -> DatastoreSpec:
        make_file("usb/raw/x.csv")
        return DatastoreSpec("usb", "local", path="usb")

    async def test_azure_refuses_it(self, workspace: Workspace, base: Path, usb: DatastoreSpec) -> None:
        if isinstance(workspace, LocalWorkspace):
            pytest.skip("it is made here")
        with pytest.raises(SpecError, match="a local workspace alone"):
            await workspace.datastores.create(usb, base=base)

    @pytest.mark.only_local("a folder of this machine")
    async def test_its_uri_means_its_files_everywhere(
        self, workspace: Workspace, base: Path, usb: DatastoreSpec
    ) -> None:
        made = await workspace.datastores.create(usb, base=base)
        assert (made.folder, made.type, made.credentials) == (str(base / "usb"), "local", "none")
        assert made.identity
        (folder,) = await workspace.datastores.browse("usb")
        assert [entry.path for entry in await workspace.datastores.browse("usb", folder.path)] == ["raw/x.csv"]
        uri = datastore_uri("usb", "raw/x.csv")
        asset = await workspace.data.create(DataSpec("x", uri, "uri_file"), base=base)
        assert asset.path == uri
        table = await workspace.tables.open(uri)
        assert [column.name for column in (await table.schema()).columns] == ["a", "b"]
        await table.close()
        job = CommandJob("cat ${{inputs.x}}", inputs={"x": JobInput("uri_file", uri)})
        assert not [f for f in (await workspace.jobs.preflight(job, base=base)).faults if f.path.startswith("inputs")]
        with pytest.raises(UserError):
            await workspace.datastores.browse("usb", "../..")
        await workspace.datastores.delete("usb")
        assert (base / "usb" / "raw" / "x.csv").is_file()

    @pytest.mark.only_local("a folder of this machine")
    async def test_the_default_is_where_files_go(
        self, workspace: Workspace, base: Path, usb: DatastoreSpec, make_file: MakeFile
    ) -> None:
        await workspace.datastores.create(usb, base=base)
        assert (await workspace.datastores.set_default("usb")).is_default
        assert (await workspace.datastores.list())[0].name == "usb"
        assert (await workspace.info()).default_datastore == "usb"
        make_file("here.csv")
        asset = await workspace.data.create(DataSpec("here", "here.csv", "uri_file"), base=base)
        assert asset.path.startswith("azureml://datastores/usb/paths/LocalUpload/")
        assert list((base / "usb" / "LocalUpload").rglob("here.csv"))
        with pytest.raises(UserError, match="the default"):
            await workspace.datastores.delete("usb")

    @pytest.mark.only_local("the vault of a local workspace")
    async def test_a_secret_lies_in_the_vault_alone(
        self, workspace: Workspace, base: Path, usb: DatastoreSpec, folder: Path
    ) -> None:
        await workspace.datastores.create(SPECS[2], base=base)
        vault = folder / "vault.json"
        assert stat.S_IMODE(vault.stat().st_mode) == 0o600
        holding = [path for path in folder.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
        assert holding == [vault]
        await workspace.datastores.delete("lake")
        assert PASSWORD not in vault.read_text("utf-8")
        await workspace.datastores.create(SPECS[2], base=base)
        with pytest.raises(UserError, match="in Azure storage"):
            await workspace.datastores.set_default("lake")

    @pytest.mark.only_local("a folder of this machine")
    async def test_a_path_that_is_no_folder(self, workspace: Workspace, base: Path, usb: DatastoreSpec) -> None:
        for path in ("gone", "usb/raw/x.csv", "https://x.example/y"):
            with pytest.raises(SpecError) as caught:
                await workspace.datastores.create(replace(usb, path=path), base=base)
            assert [fault.path for fault in caught.value.faults] == ["path"]

    @pytest.mark.only_local("a folder of this machine")
    async def test_names_of_the_four_are_taken(self, workspace: Workspace, base: Path, usb: DatastoreSpec) -> None:
        for name in (DEFAULT_DATASTORE, DEFAULT_DATASTORE.upper()):
            with pytest.raises(SpecError):
                await workspace.datastores.create(replace(usb, name=name), base=base)
        with pytest.raises(UserError):
            await workspace.datastores.delete("workspacefilestore")
