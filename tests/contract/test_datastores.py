from __future__ import annotations

from pathlib import Path

import pytest

from services.errors import NotFoundError, UserError
from services.specs.assets import DataSpec
from services.workspace import Workspace
from tests.contract.backends import Backend
from tests.contract.conftest import MakeFile
from tests.support.entities import HOSTILE
from tests.support.local_jobs import MLMODEL, FinishedJob

DEFAULTS = {
    "workspaceblobstore": "azure_blob",
    "workspaceartifactstore": "azure_blob",
    "workspacefilestore": "azure_file",
    "workspaceworkingdirectory": "azure_file",
}
"""What every Azure ML workspace has."""


class TestDatastores:
    async def test_the_default_is_first_then_by_name(self, workspace: Workspace) -> None:
        found = await workspace.datastores.list()
        assert {store.name: store.type for store in found}.items() >= DEFAULTS.items()
        assert [store.is_default for store in found] == [True] + [False] * (len(found) - 1)
        assert found[0].name == (await workspace.info()).default_datastore == "workspaceblobstore"
        names = [store.name for store in found[1:]]
        assert names == sorted(names)
        for store in found:
            assert await workspace.datastores.get(store.name) == store

    async def test_folders_come_before_files_by_name(
        self, workspace: Workspace, backend: Backend, job: FinishedJob
    ) -> None:
        place = f"azureml/{job.name}/export"
        for path, content in (("b.txt", "12"), ("B.txt", "1"), ("a/c.txt", "")):
            backend.put(f"{place}/{path}", content)
        found = await workspace.datastores.browse("workspaceblobstore", place)
        assert [(entry.path, entry.is_folder, entry.size) for entry in found] == [
            (f"{place}/a", True, 0),
            (f"{place}/fitted", True, 0),
            (f"{place}/B.txt", False, 1),
            (f"{place}/b.txt", False, 2),
        ]
        assert all(entry.modified_at is not None for entry in found if not entry.is_folder)

    async def test_paths_of_entries_lead_down_to_the_files(self, workspace: Workspace, job: FinishedJob) -> None:
        folders, files = [""], {}
        while folders:
            for entry in await workspace.datastores.browse("workspaceblobstore", folders.pop()):
                if entry.is_folder:
                    folders.append(entry.path)
                else:
                    files[entry.path] = entry.size
        fitted = f"azureml/{job.name}/export/fitted"
        assert files == {f"{fitted}/MLmodel": len(MLMODEL), f"{fitted}/data/model.skops": 500}

    @pytest.mark.parametrize("path", ["azureml/{job}/export", "/azureml/{job}/export/", "azureml//{job}/./export"])
    async def test_slashes_do_not_matter(self, workspace: Workspace, job: FinishedJob, path: str) -> None:
        found = await workspace.datastores.browse("workspaceblobstore", path.format(job=job.name))
        assert [entry.path.rpartition("/")[2] for entry in found] == ["fitted"]

    @pytest.mark.only_local("blobs have no control characters in their names")
    async def test_what_a_data_asset_names_is_there(
        self, workspace: Workspace, base: Path, make_file: MakeFile
    ) -> None:
        name = HOSTILE.replace("/", "") + "\n.csv"
        make_file(f"raw/{name}", "a\n1\n")
        asset = await workspace.data.create(DataSpec("d", "raw"), base=base)
        prefix = "azureml://datastores/workspaceblobstore/paths/"
        assert asset.path.startswith(prefix)
        place = asset.path.removeprefix(prefix)
        (entry,) = await workspace.datastores.browse("workspaceblobstore", place)
        assert (entry.path, entry.is_folder, entry.size) == (f"{place.strip('/')}/{name}", False, 4)

    @pytest.mark.parametrize(
        "path",
        [
            "gone",
            "azureml/gone",
            "azureml/{job}/export/fitted/MLmodel",
            "..",
            "../..",
            "azureml/../../x",
            "a\0b",
            "x" * 300,
            HOSTILE,
        ],
    )
    async def test_no_such_folder(self, workspace: Workspace, job: FinishedJob, path: str) -> None:
        with pytest.raises(UserError):
            await workspace.datastores.browse("workspaceblobstore", path.format(job=job.name))

    @pytest.mark.parametrize("name", ["nowhere", "", "..", "workspaceblobstore/azureml", "WorkspaceBlobStore", HOSTILE])
    async def test_no_such_datastore(self, workspace: Workspace, name: str) -> None:
        with pytest.raises(NotFoundError):
            await workspace.datastores.get(name)
        with pytest.raises(NotFoundError):
            await workspace.datastores.browse(name)

    async def test_an_empty_one_has_no_entries(self, workspace: Workspace) -> None:
        for name in DEFAULTS:
            assert await workspace.datastores.browse(name) == []
