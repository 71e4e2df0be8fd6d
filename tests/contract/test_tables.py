"""Tables of any place, the same on every kind of workspace; of storage no more bytes than a page needs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars
import pytest

from services.entities.tables import TableQuery
from services.errors import AccessError, NotFoundError, SpecError, TransientError, UserError
from services.local.workspace import LocalWorkspace
from services.specs.assets import DataSpec
from services.storage.blobs import BlobFiles
from services.tables import remote_bytes
from services.workspace import Workspace
from tests.contract.backends import AzureBackend, Backend
from tests.contract.conftest import MakeFile
from tests.support.local_jobs import FinishedJob

if TYPE_CHECKING:
    from tests.azure_emulator.lab import AzureLab
    from tests.azure_emulator.storage import Storage as LabStorage

BLOBS = "azureml://datastores/workspaceblobstore/paths/"
WIDE = polars.DataFrame({f"column {number}": range(6_000) for number in range(40)})
CSV = WIDE.write_csv().encode()


def parquet() -> bytes:
    file = io.BytesIO()
    WIDE.write_parquet(file, row_group_size=1_000, compression="uncompressed")
    return file.getvalue()


class TestTables:
    async def test_every_form_of_a_source(
        self, workspace: Workspace, backend: Backend, base: Path, make_file: MakeFile, job: FinishedJob
    ) -> None:
        file = make_file("t.csv", "a,b\n1,x\n2,\n")
        await workspace.data.create(DataSpec("t", "t.csv", "uri_file"), base=base)
        backend.put(f"azureml/{job.name}/export/t.csv", "a,b\n1,x\n2,\n")
        long = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/" + BLOBS.removeprefix("azureml://")
        sources = [
            "azureml:t:1",
            "azureml:t@latest",
            f"{BLOBS}azureml/{job.name}/export/t.csv",
            f"azureml://jobs/{job.name}/outputs/export/paths/t.csv",
            str(file),
            file.as_uri(),
            *([] if isinstance(backend, AzureBackend) else [f"{long}azureml/{job.name}/export/t.csv"]),
        ]
        for source in sources:
            async with await workspace.tables.open(source) as table:
                assert (table.name, (await table.page(0, 9)).rows) == ("t.csv", (("1", "x"), ("2", None))), source

    async def test_a_table_has_one_identity_by_all_its_names(
        self, workspace: Workspace, base: Path, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = make_file("t.csv", "a\n1\n")
        monkeypatch.chdir(file.parent)
        identity = workspace.tables.identity
        await workspace.data.create(DataSpec("t", "t.csv", "uri_file"), base=base)
        first = await identity("azureml:t:1")
        assert first.endswith(" azureml:t:1"), "the workspace is before it"
        assert first == await identity("azureml:t@latest") == await identity("azureml:t")
        await workspace.data.create(DataSpec("t", "t.csv", "uri_file"), base=base)
        assert first != await identity("azureml:t@latest") == await identity("azureml:t:2")
        assert await identity(file.name) == await identity(str(file)) == await identity(file.as_uri())
        assert first.removesuffix("azureml:t:1") + BLOBS == await identity(BLOBS)
        with pytest.raises(NotFoundError):
            await identity("azureml:gone@latest")

    async def test_a_folder_is_its_first_table(self, workspace: Workspace, backend: Backend) -> None:
        for name in ("readme.md", "b.csv", "a.csv"):
            backend.put(f"many/{name}", f"a\n{name}\n")
        async with await workspace.tables.open(f"{BLOBS}many/") as table:
            assert (await table.page(0, 9)).rows == (("a.csv",),)

    async def test_an_mltable_reads_files_of_its_folder_and_of_datastores(
        self, workspace: Workspace, backend: Backend
    ) -> None:
        backend.put("m/data/one.csv", "a\n1\n")
        backend.put("n/2024/two.csv", "a\n2\n3\n")
        backend.put("o.csv", "a\n4\n")
        paths = f"paths:\n- pattern: ./data/*.csv\n- folder: {BLOBS}n\n- file: {BLOBS}o.csv\n"
        described = f"{paths}transformations:\n- read_delimited:\n"
        backend.put("m/MLTable", described + "    include_path_column: true\n- filter: col('a') > 1\n")
        async with await workspace.tables.open(f"{BLOBS}m") as table:
            assert table.format == "MLTable"
            place = f"{BLOBS}n/2024/two.csv"
            assert (await table.page(0, 9)).rows == ((place, "2"), (place, "3"), (f"{BLOBS}o.csv", "4"))
            head = await table.head_file(1)
        assert head.name in ("m", "first-1")
        backend.put("m/MLTable", described.replace("./data/*.csv", "./data/*.tsv"))
        async with await workspace.tables.open(f"{BLOBS}m") as table:
            with pytest.raises(SpecError, match=r"paths\[0\].pattern: no file matches ./data/\*.tsv"):
                await table.page(0, 9)

    @pytest.mark.parametrize(
        "source",
        [
            f"{BLOBS}gone.csv",
            "azureml://datastores/gone/paths/t.csv",
            "azureml:gone:1",
            "azureml://jobs/x/outputs/y/paths/z",
        ],
    )
    async def test_nothing_is_there(self, workspace: Workspace, source: str) -> None:
        with pytest.raises(NotFoundError):
            await workspace.tables.open(source)

    async def test_no_table(self, workspace: Workspace, backend: Backend) -> None:
        backend.put("pictures/a.png", b"\x89PNG\r\n\x1a\n\0")
        for source in ("pictures", "pictures/a.png"):
            with pytest.raises(UserError):
                await workspace.tables.open(BLOBS + source)


class TestStorage:
    """What differs from files of this machine: every byte is asked for."""

    @pytest.fixture
    async def remote(self, azure_lab: AzureLab, azure_storage: LabStorage) -> AzureBackend:
        return await AzureBackend.open(azure_lab)

    @pytest.fixture
    def fetched(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """The bytes of each read of a blob."""
        found: list[int] = []
        read = BlobFiles.read

        def counted(*args: Any, **kwargs: Any) -> bytes:
            data = read(*args, **kwargs)
            found.append(len(data))
            return data

        monkeypatch.setattr(BlobFiles, "read", counted)
        return found

    @pytest.mark.azure
    @pytest.mark.parametrize("name", ["wide.csv", "wide.parquet"])
    async def test_the_first_rows_take_few_bytes(self, remote: AzureBackend, fetched: list[int], name: str) -> None:
        content = CSV if name.endswith(".csv") else parquet()
        remote.put(name, content)
        async with await remote.workspace.tables.open(BLOBS + name) as table:
            assert (await table.page(0, 1_000)).rows[-1][0] == "999"
            assert len(fetched) <= 3
            assert sum(fetched) <= 600_000 < len(content)
            assert (await table.page(5_990, 100)).rows[-1][0] == "5999"
            view = await table.view(TableQuery(filter="`column 3` == 4000"))
            assert (await view.page(0, 9)).rows[0][0] == "4000"
            assert sum(fetched) == len(content), "no byte twice"
        await remote.workspace.close()

    @pytest.mark.azure
    async def test_a_blob_that_changes_while_it_is_open(
        self, remote: AzureBackend, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(remote_bytes, "LOOK_SECONDS", 0)
        remote.put("wide.csv", CSV)
        async with await remote.workspace.tables.open(f"{BLOBS}wide.csv") as table:
            assert not (await table.schema()).notes
            remote.put("wide.csv", CSV + b"\n" * 7)
            assert "the file has grown by 7 bytes; open it again to see them" in (await table.schema()).notes
            with pytest.raises(TransientError, match="was written to in storage"):
                await table.count()
            remote.lab.storage.clear()
            assert "the file was deleted; what was read is shown" in (await table.schema()).notes
            with pytest.raises(NotFoundError, match="was deleted while it was open"):
                await table.count()
            assert (await table.page(0, 1)).rows[0][0] == "0"
        await remote.workspace.close()

    @pytest.mark.azure
    async def test_an_mltable_in_storage_names_no_file_of_this_machine(
        self, remote: AzureBackend, base: Path, make_file: MakeFile
    ) -> None:
        secret = make_file("secret.csv", "a\n1\n")
        for path, words in ((str(secret), "lies outside of its folder in storage"), (secret.as_uri(), "on a machine")):
            remote.put("m/MLTable", f"paths:\n- file: {path}\ntransformations:\n- read_delimited\n")
            async with await remote.workspace.tables.open(f"{BLOBS}m") as table:
                with pytest.raises(SpecError, match=words):
                    await table.page(0, 9)
        await remote.workspace.close()

    @pytest.mark.azure
    async def test_addresses_of_the_account(self, remote: AzureBackend) -> None:
        from tests.azure_emulator.storage import ACCOUNT, BLOB_CONTAINER

        remote.put("a b/t.csv", "a\n1\n")
        remote.lab.storage.write_blob("other", "t.csv", b"a\n2\n")
        for source, value in (
            (f"abfss://{BLOB_CONTAINER}@{ACCOUNT}.dfs.core.windows.net/a b/t.csv", "1"),
            (f"wasbs://{BLOB_CONTAINER}@{ACCOUNT}.blob.core.windows.net/a b/t.csv", "1"),
            (f"https://{ACCOUNT}.blob.core.windows.net/{BLOB_CONTAINER}/a%20b/t.csv", "1"),
            (f"https://{ACCOUNT}.dfs.core.windows.net/other/t.csv", "2"),
            (remote.lab.storage.blob_url("other", "t.csv"), "2"),
        ):
            async with await remote.workspace.tables.open(source) as table:
                assert (await table.page(0, 9)).rows == ((value,),), source
        await remote.workspace.close()

    @pytest.mark.azure
    async def test_a_local_workspace_reads_what_a_signature_opens(
        self, azure_lab: AzureLab, azure_storage: LabStorage, folder: Path
    ) -> None:
        azure_storage.write_blob("other", "wide.csv", CSV)
        url = azure_storage.blob_url("other", "wide.csv")
        workspace = await LocalWorkspace.open(folder)
        async with await workspace.tables.open(url) as table:
            assert (await table.page(0, 1_000)).rows[-1][0] == "999"
            assert table.is_remote
        for wrong, who in (
            (url[:-9] + "AAAAAA%3D", "the signature in the address"),
            (url.partition("?")[0], "anybody"),
        ):
            with pytest.raises(AccessError) as refused:
                await workspace.tables.open(wrong)
            assert refused.value.detail.endswith(f"Refused: {who}")
            assert "sig=" not in str(refused.value)
        await workspace.close()
