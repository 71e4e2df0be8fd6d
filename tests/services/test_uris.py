"""URIs of data: taken apart, and the forms of a place in a datastore."""

from __future__ import annotations

import pytest

from services.entities import Datastore
from services.uris import UriParts, datastore_uri, long_uri, parts_of, storage_uris


@pytest.mark.parametrize(
    ("uri", "parts"),
    [
        (
            "abfss://fs@acc.dfs.core.windows.net/data/x.csv",
            UriParts("abfss", account="acc", container="fs", path="data/x.csv"),
        ),
        ("abfs://fs@acc.dfs.core.windows.net", UriParts("abfs", account="acc", container="fs")),
        ("wasbs://c@acc.blob.core.windows.net/x", UriParts("wasbs", account="acc", container="c", path="x")),
        (
            "https://acc.blob.core.windows.net/c/a/b.csv?sv=1&sig=x",
            UriParts("https", account="acc", container="c", path="a/b.csv"),
        ),
        ("https://example.org/a.csv", UriParts("https", account="example.org", path="a.csv")),
        ("azureml://datastores/d/paths/a b/", UriParts("azureml", datastore="d", path="a b/")),
        ("azureml://datastores/d/paths/", UriParts("azureml", datastore="d")),
        ("train.csv", None),
        ("azureml:diabetes:1", None),
        ("azureml://datastores/d", None),
        ("gopher://x/y", None),
        ("https://", None),
    ],
)
def test_parts(uri: str, parts: UriParts | None) -> None:
    assert parts_of(uri) == parts


@pytest.mark.parametrize("path", ["", "a/b.csv", "a folder/", "x\ny"])
def test_both_forms_of_a_datastore_uri_come_back_as_they_were(path: str) -> None:
    assert parts_of(datastore_uri("d", path)) == UriParts("azureml", datastore="d", path=path)
    whole = long_uri("d", path, workspace="w", resource_group="g", subscription_id="s")
    assert whole == f"azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/{path}"
    assert parts_of(whole) == UriParts(
        "azureml", datastore="d", path=path, subscription_id="s", resource_group="g", workspace="w"
    )


def test_the_form_with_a_provider() -> None:
    uri = (
        "azureml://subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/"
        "datastores/d/paths/p"
    )
    parts = parts_of(uri)
    assert parts is not None
    assert (parts.workspace, parts.datastore, parts.path) == ("w", "d", "p")


@pytest.mark.parametrize(
    ("type_", "uris"),
    [
        ("azure_blob", ("https://acc.blob.core.windows.net/c/a/b", "wasbs://c@acc.blob.core.windows.net/a/b")),
        ("azure_file", ("https://acc.file.core.windows.net/c/a/b",)),
        ("azure_data_lake_gen2", ("abfss://c@acc.dfs.core.windows.net/a/b", "https://acc.dfs.core.windows.net/c/a/b")),
        (
            "one_lake",
            (
                "abfss://acc@onelake.dfs.fabric.microsoft.com/c.Lakehouse/a/b",
                "https://onelake.dfs.fabric.microsoft.com/acc/c.Lakehouse/a/b",
            ),
        ),
        ("azure_data_lake_gen1", ()),
    ],
)
def test_what_storage_calls_it(type_: str, uris: tuple[str, ...]) -> None:
    assert storage_uris(Datastore("d", type_, account_name="acc", container_name="c"), "a/b") == uris
    assert storage_uris(Datastore("d", type_), "a/b") == ()


def test_the_endpoint_is_that_of_its_cloud() -> None:
    datastore = Datastore("d", "azure_blob", account_name="acc", container_name="c", endpoint="core.chinacloudapi.cn")
    assert storage_uris(datastore)[0] == "https://acc.blob.core.chinacloudapi.cn/c/"


def test_a_local_folder_is_a_file_uri() -> None:
    datastore = Datastore("d", "azure_blob", folder="/home/ada/d")
    assert storage_uris(datastore, "a b/") == ("file:///home/ada/d/a%20b/",)
    assert storage_uris(datastore) == ("file:///home/ada/d",)
