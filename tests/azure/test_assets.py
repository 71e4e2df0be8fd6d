"""Data, models and environments on the lab: what is sent, what others have made, and what goes wrong."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from services.azure.client import connect
from services.azure.data import AzureData
from services.azure.environments import AzureEnvironments
from services.azure.workspace import AzureWorkspace
from services.errors import AccessError, ConflictError, SpecError, TransientError, UserError
from services.operations import OperationState
from services.specs.assets import DataSpec, EnvironmentSpec, ModelSpec
from services.targets import AzureTarget
from tests.azure_emulator.faults import Fault
from tests.azure_emulator.finished_jobs import finished_job
from tests.azure_emulator.identity import READER
from tests.azure_emulator.lab import AzureLab

pytestmark = [pytest.mark.azure, pytest.mark.usefixtures("azure_storage")]

BLOBS = "azureml://datastores/workspaceblobstore/paths/"


def sent(lab: AzureLab, pattern: str) -> list[dict[str, Any]]:
    """The properties of the bodies that were put."""
    return [json.loads(request.body)["properties"] for request in lab.requests.matching(f"^PUT .*{pattern}")]


def without_nothing(properties: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if value not in (None, {}, False)}


class TestTheSameAsAzMl:
    async def test_data(self, azure_lab: AzureLab, workspace: AzureWorkspace, tmp_path: Path) -> None:
        from azure.ai.ml.entities import Data

        (tmp_path / "d.csv").write_text("a\n1\n")
        ours = await workspace.data.create(
            DataSpec("d", "d.csv", "uri_file", description="x", tags={"a": "b"}), base=tmp_path
        )
        data = Data(name="e", version="1", type="uri_file", path=ours.path, description="x", tags={"a": "b"})
        await workspace._connection.read(lambda client: client.data.create_or_update(data))
        first, second = sent(azure_lab, "/data/./versions/1")
        assert without_nothing(first) == without_nothing(second)

    async def test_models(self, azure_lab: AzureLab, workspace: AzureWorkspace, tmp_path: Path) -> None:
        from azure.ai.ml.entities import Model

        (tmp_path / "m.bin").write_bytes(b"m")
        ours = await workspace.models.register(ModelSpec("m", "m.bin", tags={"a": "b"}), base=tmp_path)
        model = Model(name="n", version="1", type="custom_model", path=ours.uri, tags={"a": "b"})
        await workspace._connection.read(lambda client: client.models.create_or_update(model))
        first, second = sent(azure_lab, "/models/./versions/1")
        assert without_nothing(first) == without_nothing(second)
        assert (await workspace.models.get("n")).uri == ours.uri

    async def test_environments(self, azure_lab: AzureLab, workspace: AzureWorkspace, tmp_path: Path) -> None:
        import yaml
        from azure.ai.ml.entities import Environment

        conda = {"dependencies": ["python=3.11", {"pip": ["tqdm"]}]}
        await workspace.environments.create(EnvironmentSpec("e", image="ubuntu:22.04", conda_file=conda), base=tmp_path)
        environment = Environment(name="f", version="1", image="ubuntu:22.04", conda_file=conda)
        await workspace._connection.read(lambda client: client.environments.create_or_update(environment))
        first, second = sent(azure_lab, "/environments/./versions/1")
        assert yaml.safe_load(first.pop("condaFile")) == yaml.safe_load(second.pop("condaFile"))
        assert without_nothing(first) == without_nothing(second)

    async def test_an_mltable_asks_nobody_for_a_schema(
        self, azure_lab: AzureLab, workspace: AzureWorkspace, tmp_path: Path
    ) -> None:
        (tmp_path / "t").mkdir()
        (tmp_path / "t" / "MLTable").write_text("type: mltable\npaths:\n- file: ./a.csv\n")
        (tmp_path / "t" / "a.csv").write_text("a\n1\n")
        made = await workspace.data.create(DataSpec("t", "t", "mltable"), base=tmp_path)
        assert made.type == "mltable"
        assert [file.path for file in await workspace.data.files("t")] == ["MLTable", "a.csv"]
        assert not azure_lab.jail.refused

    async def test_what_the_sdk_archives_is_archived(self, workspace: AzureWorkspace, tmp_path: Path) -> None:
        await workspace._connection.read(lambda client: client.models.archive(name="diabetes"))
        assert await workspace.models.list() == []
        await workspace.models.archive("diabetes", archived=False)
        assert [model.name for model in await workspace.models.list()] == ["diabetes"]
        assert await workspace._connection.read(lambda client: [m.name for m in client.models.list()]) == ["diabetes"]


class TestModels:
    async def test_aliases_are_a_tag_that_az_ml_shows(
        self, azure_lab: AzureLab, workspace: AzureWorkspace, tmp_path: Path
    ) -> None:
        await workspace.models.set_alias("diabetes", "champion", "1")
        tags = await workspace._connection.read(lambda client: dict(client.models.get("diabetes", "1").tags))
        assert tags == {"stage": "trial", "lapis.aliases": "champion"}
        assert (await workspace.models.update("diabetes", "champion", tags={"a": "b"})).aliases == ("champion",)
        with pytest.raises(SpecError):
            await workspace.models.update("diabetes", "1", tags={"lapis.aliases": "x"})
        with pytest.raises(UserError):
            await workspace.models.set_alias("diabetes", "v1", "1")

    async def test_a_download_is_an_operation_with_its_bytes(self, workspace: AzureWorkspace, tmp_path: Path) -> None:
        report = await workspace.models.download("diabetes", "1", tmp_path)
        assert (report.files, (tmp_path / "diabetes" / "model.pkl").read_bytes()) == (1, b"a model that nobody loads")
        operation = workspace.operations.list()[0]
        assert (operation.verb, operation.subject, operation.state) == (
            "Download",
            "diabetes:1",
            OperationState.SUCCEEDED,
        )
        assert (operation.done, operation.total, operation.detail) == (25, 25, "1 of 1 files")


class TestTrouble:
    async def test_a_number_that_another_client_took_is_not_changed(
        self, azure_lab: AzureLab, workspace: AzureWorkspace, tmp_path: Path
    ) -> None:
        def taken(name: str) -> Fault:
            return Fault(f"^PUT .*/data/{name}/versions/1", status=409, code="Conflict")

        (tmp_path / "d.csv").write_text("a\n1\n")
        azure_lab.faults.add(taken("diabetes"))
        with pytest.raises(ConflictError):
            await workspace.data.create(DataSpec("diabetes", "d.csv", "uri_file", version="1"), base=tmp_path)
        assert not azure_lab.requests.matching("^PUT"), "nothing is uploaded for a version that is there"
        made = await asyncio.gather(
            *(workspace.data.create(DataSpec("new", "d.csv", "uri_file"), base=tmp_path) for _ in range(4))
        )
        assert sorted(asset.version for asset in made) == ["1", "2", "3", "4"]

    async def test_a_list_that_is_poisoned_sends_no_token_away(
        self, azure_lab: AzureLab, workspace: AzureWorkspace
    ) -> None:
        azure_lab.faults.add(Fault("^GET .*/data\\?", next_link="https://evil.example.org/data"))
        with pytest.raises(TransientError):
            await workspace.data.list()
        assert not [host for host in azure_lab.jail.refused if "evil" in str(host)]

    async def test_a_burst_of_500_is_lived_through(self, azure_lab: AzureLab, workspace: AzureWorkspace) -> None:
        azure_lab.faults.add(Fault("^GET .*/environments", status=503, count=2))
        assert len(await workspace.environments.list()) >= 3

    async def test_who_may_only_read_is_told(
        self, azure_lab: AzureLab, workspace: AzureWorkspace, target: AzureTarget, tmp_path: Path
    ) -> None:
        connection = await connect(target, azure_lab.credential(READER))
        with pytest.raises(AccessError):
            await AzureEnvironments(connection).create(EnvironmentSpec("e", image="ubuntu"), base=tmp_path)
        assert connection.operations.list()[0].state is OperationState.FAILED
        assert [asset.name for asset in await AzureData(connection).list()] == ["diabetes"]
        await connection.close()

    async def test_an_identity_that_reads_for_want_of_the_secret_is_named(
        self, azure_lab: AzureLab, workspace: AzureWorkspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The key was not refused: nobody has seen it."""

        def refused(*_: object) -> None:
            raise AccessError("This request is not authorized.")

        azure_lab.faults.add(Fault("listSecrets", status=403, code="AuthorizationFailed", count=2))
        monkeypatch.setattr("services.storage.blobs.BlobFiles.entries", refused)
        with pytest.raises(AccessError) as caught:
            await workspace.datastores.browse("workspaceblobstore")
        assert caught.value.title == "This identity may not read it"
        assert "Storage Blob Data Reader on the account devstoreaccount1" in caught.value.advice

    async def test_a_datastore_that_can_not_be_browsed_says_so(
        self, azure_lab: AzureLab, workspace: AzureWorkspace
    ) -> None:
        azure_lab.store.put(
            {
                "id": f"{azure_lab.workspace_id}/datastores/lake",
                "name": "lake",
                "type": "Microsoft.MachineLearningServices/workspaces/datastores",
                "properties": {"datastoreType": "AzureDataLakeGen1", "isDefault": False, "storeName": "x"},
            }
        )
        assert "lake" in [store.name for store in await workspace.datastores.list()]
        with pytest.raises(UserError, match="azure_data_lake_gen1"):
            await workspace.datastores.browse("lake")


async def test_what_lies_in_the_output_of_a_job_was_made_by_it(azure_lab: AzureLab, workspace: AzureWorkspace) -> None:
    finished_job(azure_lab.emulator, azure_lab.workspace_id, "keen_star_4", "wrangling")
    for name, job in (("made", "keen_star_4"), ("other", "no_such_job")):
        spec = DataSpec(name, f"{BLOBS}azureml/{job}/result/", "uri_folder")
        await workspace.data.create(spec, base=Path())
    assert (await workspace.data.get("made")).properties["lapis.job"] == "keen_star_4"
    assert (await workspace.data.get("other")).properties == {}
