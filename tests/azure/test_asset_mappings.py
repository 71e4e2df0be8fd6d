"""Bodies of assets and datastores become entities, whatever they lack."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.azure.asset_fields import NEVER, is_foreign, short_uri
from services.azure.data_mapping import data_assets, data_properties
from services.azure.datastore_mapping import datastore
from services.azure.environment_mapping import environments
from services.azure.model_mapping import model_properties, model_version, registered_model
from services.specs.assets import DataSpec, ModelSpec
from tests.azure.bodies import TARGET, true_body, version_body

CONDA = "dependencies:\n- python=3.11\n- pip:\n  - tqdm==4.66.1\n"
ODD: list[dict[str, Any]] = [
    {},
    {"id": None, "name": None, "properties": None, "systemData": None},
    {"id": 7, "name": 7, "properties": [], "systemData": "x"},
    version_body("data", "d", "1", created="soon", tags=["a"], description=7, isArchived=None),
]
LONG = "azureml://subscriptions/{}/resourcegroups/00000/workspaces/00000/datastores/workspaceblobstore/paths/a/b.csv"


class TestUris:
    def test_a_place_in_this_workspace_is_named_shortly(self) -> None:
        uri = LONG.format(TARGET.subscription_id)
        assert short_uri(uri, TARGET) == "azureml://datastores/workspaceblobstore/paths/a/b.csv"
        assert not is_foreign(uri, TARGET)

    @pytest.mark.parametrize(
        "uri", [LONG.format("other"), "https://example.org/x.csv", "wasbs://c@a.blob.core.windows.net/x"]
    )
    def test_other_places_keep_their_names(self, uri: str) -> None:
        assert short_uri(uri, TARGET) == uri
        assert is_foreign(uri, TARGET) == uri.startswith("azureml://")


class TestData:
    def test_latest_is_the_newest_that_is_not_archived(self) -> None:
        bodies = [
            version_body("data", "d", "3", dataType="UriFolder", dataUri="x", isArchived=True),
            version_body("data", "d", "2", dataType="uri_file", dataUri=LONG.format(TARGET.subscription_id)),
            version_body("data", "d", "1", dataType="MLTable", tags={"a": None, "n": 1}),
        ]
        third, second, first = data_assets(bodies, TARGET)
        assert [(a.version, a.latest, a.archived, a.version_count) for a in (third, second, first)] == [
            ("3", False, True, 3),
            ("2", True, False, 3),
            ("1", False, False, 3),
        ]
        assert [a.type for a in (third, second, first)] == ["uri_folder", "uri_file", "mltable"]
        assert second.path == "azureml://datastores/workspaceblobstore/paths/a/b.csv"
        assert (second.created_at, second.created_by) == (datetime(2026, 3, 1, 10, tzinfo=UTC), "Ada")
        assert first.tags == {"a": "", "n": "1"}
        assert second.studio_url.startswith("https://ml.azure.com/data/d/2/details?wsid=/subscriptions/")

    @pytest.mark.parametrize("body", ODD)
    def test_what_is_odd_is_no_error(self, body: dict[str, Any]) -> None:
        (asset,) = data_assets([body], TARGET)
        assert (asset.created_at, asset.tags, asset.archived) == (NEVER, {}, False)

    def test_what_is_sent(self) -> None:
        sent = data_properties(DataSpec("d", "x", "uri_file", tags={"ok": True, "none": None}), "azureml://x")
        assert (sent["dataType"], sent["dataUri"]) == ("uri_file", "azureml://x")
        assert sent["tags"] == {"ok": "true", "none": ""}


class TestModels:
    def test_a_true_body(self) -> None:
        model = model_version(true_body("model_version_put_201"), TARGET)
        assert (model.name, model.version, model.type) == ("model_test_129743542416", "1", "custom_model")
        assert model.uri == f"azureml://datastores/workspaceblobstore/paths/LocalUpload/{'0' * 32}/model.pkl"
        assert (model.aliases, model.flavors, model.job_name, model.archived) == ((), (), "", False)
        assert model.created_at == datetime(2025, 2, 28, 11, 43, 48, 619819, UTC)

    def test_aliases_are_a_tag_that_is_not_shown(self) -> None:
        body = version_body("models", "m", "1", tags={"lapis.aliases": "champion,best", "a": "b"}, flavors=None)
        model = model_version(body, TARGET)
        assert (model.aliases, model.tags, model.flavors) == (("best", "champion"), {"a": "b"}, ())
        row = registered_model({"name": "m"}, [version_body("models", "m", "2"), body], TARGET)
        assert (row.latest_version, dict(row.aliases), row.version_count) == ("2", {"best": "1", "champion": "1"}, 2)

    @pytest.mark.parametrize("body", ODD)
    def test_what_is_odd_is_no_error(self, body: dict[str, Any]) -> None:
        assert model_version(body, TARGET).type == "custom_model"
        assert registered_model(body, [body], TARGET).updated_at.tzinfo is not None

    def test_flavors_are_never_null(self) -> None:
        spec = ModelSpec("m", "x", "mlflow_model", flavors={"sklearn": {"version": "1.5"}, "empty": None})
        assert model_properties(spec, "u", "")["flavors"] == {
            "sklearn": {"data": {"version": "1.5"}},
            "empty": {"data": {}},
        }
        assert model_properties(ModelSpec("m", "x"), "u", "j")["flavors"] == {}


class TestEnvironments:
    def test_packages_come_from_the_conda_file(self) -> None:
        (environment,) = environments(
            [version_body("environments", "e", "1", condaFile=CONDA, image="i", provisioningState="Succeeded")], TARGET
        )
        assert environment.packages == ("python=3.11", "tqdm==4.66.1")
        assert (environment.image, environment.state, environment.curated) == ("i", "Succeeded", False)

    @pytest.mark.parametrize("conda", ["dependencies: [", "- a", "dependencies: numpy", ""])
    def test_any_text_may_be_a_conda_file(self, conda: str) -> None:
        (environment,) = environments([version_body("environments", "e", "1", condaFile=conda)], TARGET)
        assert (environment.conda_file, environment.packages) == (conda, ())

    def test_curated_ones_say_so_by_type_or_name(self) -> None:
        bodies = [
            version_body("environments", "AzureML-sklearn-1.5", "1"),
            version_body("environments", "acpt", "1", environmentType="Curated"),
            version_body("environments", "mine", "1", environmentType="UserCreated"),
        ]
        assert [e.curated for e in environments(bodies, TARGET)] == [True, True, False]

    @pytest.mark.parametrize("body", ODD)
    def test_what_is_odd_is_no_error(self, body: dict[str, Any]) -> None:
        assert environments([body], TARGET)[0].version_count == 1


class TestDatastores:
    def test_true_bodies(self) -> None:
        default = datastore(true_body("datastore_workspaceblobstore_get"), TARGET)
        assert (default.name, default.type, default.is_default) == ("workspaceblobstore", "azure_blob", True)
        assert default.container_name == "azureml-blobstore-8e7dad76-df37-472b-b882-0c1c58adfcf9"
        assert default.credentials == "account_key"
        found = [datastore(body, TARGET) for body in true_body("datastore_list")["value"]]
        assert [(store.type, store.container_name) for store in found] == [
            ("azure_blob", "testblob"),
            ("azure_file", "testfileshare"),
        ]

    @pytest.mark.parametrize(
        ("properties", "type_", "container", "credentials"),
        [
            ({"datastoreType": "AzureDataLakeGen2", "filesystem": "raw"}, "azure_data_lake_gen2", "raw", "none"),
            ({"datastoreType": "AzureDataLakeGen1", "storeName": "old"}, "azure_data_lake_gen1", "", "none"),
            ({"datastoreType": "Hdfs"}, "Hdfs", "", "none"),
            ({"credentials": {"credentialsType": "KerberosKeytab"}}, "", "", "KerberosKeytab"),
            ({"credentials": "none", "datastoreType": None}, "", "", "none"),
        ],
    )
    def test_types_and_credentials(
        self, properties: dict[str, Any], type_: str, container: str, credentials: str
    ) -> None:
        store = datastore({"name": "d", "properties": properties}, TARGET)
        assert (store.type, store.container_name, store.credentials) == (type_, container, credentials)

    def test_a_secret_in_a_body_is_in_no_entity(self) -> None:
        credentials = {
            "credentialsType": "AccountKey",
            "secrets": {"key": "c2VjcmV0a2V5"},
            "sasToken": "sig=c2VjcmV0a2V5",
        }
        body = {"name": "d", "properties": {"datastoreType": "AzureBlob", "credentials": credentials}}
        assert "c2VjcmV0a2V5" not in repr(datastore(body, TARGET))

    @pytest.mark.parametrize("body", ODD)
    def test_what_is_odd_is_no_error(self, body: dict[str, Any]) -> None:
        assert not datastore(body, TARGET).is_default
