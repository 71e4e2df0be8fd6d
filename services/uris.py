"""URIs of data: taking them apart, and the forms that name a place in a datastore.

Forms: learn.microsoft.com, "Data concepts in Azure Machine Learning"; Azure Storage, "Resource URI syntax" and "Use the
ABFS driver".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from services.entities import Datastore

_LONG = re.compile(
    r"^azureml://subscriptions/(?P<subscription_id>[^/]+)/resource[gG]roups/(?P<resource_group>[^/]+)/"
    r"(?:providers/[^/]+/)?workspaces/(?P<workspace>[^/]+)/datastores/(?P<datastore>[^/]+)/paths/(?P<path>.*)$",
    re.DOTALL,
)
_SHORT = re.compile(r"^azureml://datastores/(?P<datastore>[^/]+)/paths/(?P<path>.*)$", re.DOTALL)
_DRIVER = re.compile(
    r"^(?:abfss?|wasbs?)://(?P<container>[^@/]+)@(?P<account>[^./]+)\.[^/]+(?:/(?P<path>.*))?$", re.DOTALL
)
_STORAGE = re.compile(
    r"^https?://(?P<account>[^./]+)\.(?:blob|dfs|file)\.core\.[^/]+/(?P<container>[^/?]+)(?:/(?P<path>[^?]*))?(?:\?.*)?$",
    re.DOTALL,
)
_WEB = re.compile(r"^https?://(?P<account>[^/?]+)(?:/(?P<path>[^?]*))?(?:\?.*)?$", re.DOTALL)
_FORMS = (_LONG, _SHORT, _DRIVER, _STORAGE, _WEB)


@dataclass(frozen=True)
class UriParts:
    """A URI taken apart; what it does not name is empty.

    Attributes:
        protocol: azureml, abfss, abfs, wasbs, wasb, https or http.
        account: the storage account, or the host of a web address.
        container: the container, file system or share.
        path: below the datastore or the container, without a leading slash.
    """

    protocol: str
    account: str = ""
    container: str = ""
    datastore: str = ""
    path: str = ""
    subscription_id: str = ""
    resource_group: str = ""
    workspace: str = ""


def parts_of(uri: str) -> UriParts | None:
    """Take a URI apart; None if it has none of the forms that Azure ML reads."""
    for form in _FORMS:
        if match := form.match(uri):
            named = {key: value or "" for key, value in match.groupdict().items()}
            return UriParts(uri.partition("://")[0].lower(), **named)
    return None


def datastore_uri(datastore: str, path: str = "") -> str:
    """The form that jobs and assets of the same workspace use."""
    return f"azureml://datastores/{datastore}/paths/{path}"


def long_uri(
    datastore: str, path: str = "", *, workspace: str, resource_group: str = "", subscription_id: str = ""
) -> str:
    """The form that names the workspace too; what is not known stands in angle brackets."""
    scope = f"subscriptions/{subscription_id or '<subscription>'}/resourcegroups/{resource_group or '<resource-group>'}"
    return f"azureml://{scope}/workspaces/{workspace}/datastores/{datastore}/paths/{path}"


def storage_uri(datastore: Datastore, path: str = "") -> str:
    """What storage itself calls the place, for programs that know no workspace; empty if that can't be told."""
    if datastore.folder:
        uri = (Path(datastore.folder) / path).as_uri()
        return uri + "/" if path.endswith("/") else uri
    account, container = datastore.account_name, datastore.container_name
    if not account or not container:
        return ""
    match datastore.type:
        case "azure_blob":
            return f"https://{account}.blob.core.windows.net/{container}/{path}"
        case "azure_file":
            return f"https://{account}.file.core.windows.net/{container}/{path}"
        case "azure_data_lake_gen2":
            return f"abfss://{container}@{account}.dfs.core.windows.net/{path}"
    return ""
