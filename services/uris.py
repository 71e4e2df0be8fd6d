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
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
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


def storage_uris(datastore: Datastore, path: str = "") -> tuple[str, ...]:
    """What storage itself calls the place, for programs that know no workspace; none if that can't be told.

    The first is the one that the type goes by.
    """
    if datastore.folder:
        uri = (Path(datastore.folder) / path).as_uri()
        return (uri + "/" if path.endswith("/") else uri,)
    account, container = datastore.account_name, datastore.container_name
    if not account or not container:
        return ()
    endpoint = datastore.endpoint or "core.windows.net"
    match datastore.type:
        case "azure_blob":
            host = f"{account}.blob.{endpoint}"
            return (f"https://{host}/{container}/{path}", f"wasbs://{container}@{host}/{path}")
        case "azure_file":
            return (f"https://{account}.file.{endpoint}/{container}/{path}",)
        case "azure_data_lake_gen2":
            host = f"{account}.dfs.{endpoint}"
            return (f"abfss://{container}@{host}/{path}", f"https://{host}/{container}/{path}")
        case "one_lake":
            host = datastore.endpoint or "onelake.dfs.fabric.microsoft.com"
            place = f"{lakehouse_folder(container)}/{path}"
            return (f"abfss://{account}@{host}/{place}", f"https://{host}/{account}/{place}")
    return ()


def lakehouse_folder(name: str) -> str:
    """What OneLake calls a lakehouse of that name, or of that id ("OneLake access and APIs")."""
    return name if _GUID.fullmatch(name) or "." in name else f"{name}.Lakehouse"
