"""Files to and from storage, with a network that breaks."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest

from services.azure.places import Places
from services.azure.storage import Storage
from services.azure.transfer import download, local_files, upload
from services.azure.workspace import AzureWorkspace
from services.entities import FileEntry
from services.errors import ConflictError, NotFoundError, SpecError, TransientError, UserError
from services.operations import OperationLog
from services.storage import blobs
from services.storage.blobs import BlobFiles
from services.storage.files import StoreFiles
from services.storage.opening import open_container
from services.storage.places import files_at
from services.targets import AzureTarget
from tests.azure_emulator.faults import Fault, Outage
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.storage import BLOB_CONTAINER, HOST, container_sas
from tests.azure_emulator.storage import Storage as LabStorage

pytestmark = pytest.mark.azure


@pytest.fixture
def files(azure_storage: LabStorage) -> BlobFiles:
    """The container that most files go to."""
    return open_container(f"https://{HOST}/{BLOB_CONTAINER}?{container_sas(BLOB_CONTAINER, 'rcwl')}")


@pytest.fixture
def operations() -> OperationLog:
    return OperationLog()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder with things that stay behind."""
    folder = tmp_path / "source"
    (folder / "lib").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    (folder / "train.py").write_text("print(1)\n")
    (folder / "lib" / "b.py").write_text("b = 2\n")
    (folder / "__pycache__" / "x.pyc").write_bytes(b"x")
    (folder / "big.log").write_text("log")
    (folder / ".amlignore").write_text("*.log\n")
    return folder


class TestUpload:
    def test_what_is_ignored_stays_behind_and_bytes_are_told(
        self, files: BlobFiles, azure_storage: LabStorage, operations: OperationLog, source: Path
    ) -> None:
        number = operations.begin("Upload", "source")
        upload(files, local_files(source), "code/1", operations, number)
        assert azure_storage.list_blobs(BLOB_CONTAINER) == ["code/1/.amlignore", "code/1/lib/b.py", "code/1/train.py"]
        assert azure_storage.read_blob(BLOB_CONTAINER, "code/1/train.py") == b"print(1)\n"
        (operation,) = operations.list()
        assert (operation.done, operation.total, operation.detail) == (21, 21, "3 of 3 files")

    def test_the_place_is_named_by_the_content(self, source: Path) -> None:
        first = local_files(source)
        assert first.upload_path == f"LocalUpload/{first.digest}/source/"
        (source / "big.log").write_text("other")
        assert local_files(source).digest == first.digest, "what stays behind does not count"
        (source / "train.py").write_text("print(2)\n")
        assert local_files(source).digest != first.digest
        one = local_files(source / "train.py")
        assert one.upload_path == f"LocalUpload/{one.digest}/train.py"

    def test_an_upload_that_was_cut_goes_on_where_it_was(
        self,
        files: BlobFiles,
        azure_lab: AzureLab,
        azure_storage: LabStorage,
        operations: OperationLog,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(blobs, "BLOCK", 100_000)
        content = os.urandom(1_050_000)
        (tmp_path / "big.bin").write_bytes(content)
        local = local_files(tmp_path / "big.bin")
        azure_lab.faults.cut_off("*.blob.core.windows.net", Outage.CUT, count=1, after_bytes=500_000)
        azure_lab.faults.cut_off("*.blob.core.windows.net", Outage.REFUSED)
        with pytest.raises(TransientError):
            upload(files, local, "u", operations, operations.begin("Upload", "cut"))
        assert azure_storage.list_blobs(BLOB_CONTAINER) == [], "half a file is no file"
        azure_lab.faults.clear()
        _, waiting = azure_storage.client.get_blob_client(BLOB_CONTAINER, "u/big.bin").get_block_list("uncommitted")
        assert 1 <= len(waiting) < 11
        staged: list[str] = []
        sent = files.send

        class Watched(BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                staged.append(f"{self.tell() // 100_000:06}")
                return super().read(size)

        monkeypatch.setattr(
            files, "send", lambda path, source, size, report: sent(path, Watched(source.read()), size, report)
        )
        number = operations.begin("Upload", "again")
        upload(files, local, "u", operations, number)
        assert azure_storage.read_blob(BLOB_CONTAINER, "u/big.bin") == content
        assert sorted({*staged, *(block.id for block in waiting)}) == [f"{index:06}" for index in range(11)]
        assert not {*staged} & {block.id for block in waiting}, "no block is sent twice"
        assert (operations.list()[0].done, operations.list()[0].total) == (1_050_000, 1_050_000)

    def test_what_is_there_is_not_sent_again(
        self, files: BlobFiles, azure_storage: LabStorage, operations: OperationLog, source: Path
    ) -> None:
        local = local_files(source)
        upload(files, local, "c", operations, operations.begin("Upload", "a"))
        before = azure_storage.client.get_blob_client(BLOB_CONTAINER, "c/train.py").get_blob_properties().etag
        number = operations.begin("Upload", "b")
        upload(files, local, "c", operations, number)
        assert azure_storage.client.get_blob_client(BLOB_CONTAINER, "c/train.py").get_blob_properties().etag == before
        assert operations.list()[0].done == 21

    def test_an_account_that_is_not_found_is_no_long_wait(
        self, azure_lab: AzureLab, files: BlobFiles, operations: OperationLog, source: Path
    ) -> None:
        azure_lab.faults.cut_off("*.blob.core.windows.net", Outage.REFUSED)
        number = operations.begin("Upload", "a")
        with pytest.raises(TransientError):
            upload(files, local_files(source), "c", operations, number)

    def test_a_missing_folder_is_a_fault_of_the_path(self, tmp_path: Path) -> None:
        with pytest.raises(SpecError) as caught:
            local_files(tmp_path / "gone")
        assert caught.value.faults[0].path == "path"


class TestDownload:
    def test_files_come_with_their_number_and_bytes(
        self, files: BlobFiles, azure_storage: LabStorage, operations: OperationLog, tmp_path: Path
    ) -> None:
        azure_storage.write_blob(BLOB_CONTAINER, "m/a.bin", b"abc")
        azure_storage.write_blob(BLOB_CONTAINER, "m/deep/b.bin", b"")
        wanted = [(entry, entry.path.removeprefix("m/")) for entry in files.below("m")]
        report = download(files, wanted, tmp_path, operations, operations.begin("Download", "m"), folder="m")
        assert (report.target, report.files, report.size) == (str(tmp_path / "m"), 2, 3)
        assert (tmp_path / "m" / "a.bin").read_bytes() == b"abc"
        assert operations.list()[0].detail == "2 of 2 files"

    @pytest.mark.parametrize("path", ["../escape", "a/../../escape", "/tmp/escape"])
    def test_no_name_leads_out_of_the_folder(
        self, files: BlobFiles, operations: OperationLog, tmp_path: Path, path: str
    ) -> None:
        number = operations.begin("Download", "m")
        with pytest.raises(ConflictError):
            download(files, [(FileEntry("x", False, 1), path)], tmp_path / "in", operations, number)
        assert not (tmp_path / "in").exists()

    def test_when_one_can_not_be_fetched_none_stays(
        self, files: BlobFiles, azure_storage: LabStorage, operations: OperationLog, tmp_path: Path
    ) -> None:
        azure_storage.write_blob(BLOB_CONTAINER, "m/a.bin", b"abc")
        wanted = [(FileEntry("m/a.bin", False, 3), "a.bin"), (FileEntry("m/gone", False, 1), "gone")]
        (tmp_path / "mine.txt").write_text("mine")
        with pytest.raises(NotFoundError):
            download(files, wanted, tmp_path, operations, operations.begin("Download", "m"))
        assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


class TestStorage:
    @pytest.fixture
    def storage(self, workspace: AzureWorkspace, azure_storage: LabStorage) -> Storage:
        return Storage(workspace._connection)

    @pytest.mark.parametrize("secrets", ["Sas", "AccountKey"])
    async def test_a_key_or_a_signature_opens_a_datastore(
        self, azure_lab: AzureLab, azure_storage: LabStorage, storage: Storage, secrets: str
    ) -> None:
        azure_lab.emulator.settings.secrets = secrets
        azure_storage.write_blob(BLOB_CONTAINER, "a/b.txt", b"12345")
        opened = storage.open("workspaceblobstore")
        assert [(entry.path, entry.size) for entry in opened.below("a")] == [("a/b.txt", 5)]
        assert (opened.read("a/b.txt", 1, 2), opened.read("a/b.txt", 9, 2), opened.read("a/b.txt", 0, 0)) == (
            b"23",
            b"",
            b"",
        )
        assert opened.entry("a/none") is None

    async def test_secrets_are_asked_for_once_in_a_while(self, azure_lab: AzureLab, workspace: AzureWorkspace) -> None:
        now = [0.0]
        storage = Storage(workspace._connection, clock=lambda: now[0])
        for seconds, asked in ((0, 1), (600, 1), (1000, 2)):
            now[0] = seconds
            storage.open("workspaceblobstore")
            assert len(azure_lab.requests.matching("listSecrets")) == asked

    async def test_who_may_not_see_secrets_uses_his_identity(
        self, azure_lab: AzureLab, azure_storage: LabStorage, storage: Storage
    ) -> None:
        azure_storage.write_blob(BLOB_CONTAINER, "a.txt", b"1")
        azure_lab.faults.add(Fault("listSecrets", status=403, code="AuthorizationFailed"))
        assert storage.open("workspaceblobstore").read("a.txt") == b"1"

    async def test_a_place_elsewhere_can_not_be_listed(self, storage: Storage, target: AzureTarget) -> None:
        places = Places(storage, target)
        for uri in (
            "https://example.org/x",
            "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/workspaceblobstore/paths/x",
            "azureml://datastores/workspaceblobstore/paths/../x",
        ):
            with pytest.raises(UserError):
                places.find(uri)
        with pytest.raises(NotFoundError):
            places.find("azureml://datastores/nowhere/paths/x")
        assert not files_at(places.find("azureml://datastores/workspaceblobstore/paths/x")).entries


class TestFileShares:
    @pytest.fixture
    def share(self, azure_lab: AzureLab, workspace: AzureWorkspace) -> StoreFiles:
        """The share behind workspacefilestore, with two files."""
        folder = "azureml-filestore-lab/users/ada"
        azure_lab.emulator.shared_files.update({f"{folder}/a & b.txt": b"12345", f"{folder}/deep/c.bin": b"x"})
        return Storage(workspace._connection).open("workspacefilestore")

    async def test_folders_come_first(self, workspace: AzureWorkspace, share: StoreFiles) -> None:
        found = await workspace.datastores.browse("workspacefilestore", "users/ada")
        assert [(entry.path, entry.is_folder, entry.size) for entry in found] == [
            ("users/ada/deep", True, 0),
            ("users/ada/a & b.txt", False, 5),
        ]
        with pytest.raises(NotFoundError):
            await workspace.datastores.browse("workspacefilestore", "gone")
        assert await workspace.datastores.browse("workspaceworkingdirectory") == []

    async def test_files_are_listed_and_read(self, share: StoreFiles, tmp_path: Path) -> None:
        assert [entry.path for entry in share.below("users")] == ["users/ada/deep/c.bin", "users/ada/a & b.txt"]
        path = "users/ada/a & b.txt"
        found = [share.read(path, offset, limit) for offset, limit in ((0, None), (1, 2), (3, 99), (9, 1), (0, 0))]
        assert found == [b"12345", b"23", b"45", b"", b""]
        assert share.entry("users/gone") is None
        with pytest.raises(NotFoundError):
            share.read("users/gone")

    async def test_a_file_is_downloaded_and_none_is_sent(
        self, share: StoreFiles, operations: OperationLog, tmp_path: Path
    ) -> None:
        wanted = [(entry, entry.path) for entry in share.below("users")]
        report = download(share, wanted, tmp_path, operations, operations.begin("Download", "users"))
        assert (report.files, report.size) == (2, 6)
        assert (tmp_path / "users" / "ada" / "a & b.txt").read_bytes() == b"12345"
        with pytest.raises(UserError):
            share.send("x", BytesIO(b"x"), 1, lambda _: None)
