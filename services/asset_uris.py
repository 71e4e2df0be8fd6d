"""The URIs and names that paths of specs and assets have, taken apart.

Forms (learn.microsoft.com, "Data concepts" and the CLI v2 YAML reference): `azureml://datastores/D/paths/P`, the long
form with subscriptions, resourcegroups and workspaces before it, `azureml:NAME:VERSION`, `azureml:NAME@LABEL`,
`azureml://jobs/J/outputs/O/paths/P`, `runs:/RUN/P`, `models:/m-ID`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from services.errors import UserError

_DATASTORE = re.compile(
    r"^azureml://(?:subscriptions/[^/]+/resource[gG]roups/[^/]+/(?:providers/[^/]+/)?workspaces/[^/]+/)?"
    r"datastores/(?P<datastore>[^/]+)(?:/paths(?:/(?P<path>.*))?)?/?$",
    re.DOTALL,
)
_ASSET = re.compile(r"^azureml:(?!//)(?P<name>[^:@/]+)(?:[:@](?P<version>[^/]+))?$")
_JOB = re.compile(
    r"^azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths(?:/(?P<path>.*))?)?/?$",
    re.DOTALL,
)
_RUN = re.compile(r"^runs:/(?P<run>[^/]+)/?(?P<path>.*)$", re.DOTALL)
_SCHEME = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.-]*://|[a-z]{3,}:)")
_LOGGED_MODEL = re.compile(r"^models:/(?P<id>m-[^/@]+)/?$")


@dataclass(frozen=True)
class AssetName:
    """`azureml:NAME:VERSION` or `azureml:NAME@LABEL`; the version is `latest` when none is given."""

    name: str
    version: str


@dataclass(frozen=True)
class DatastoreUri:
    """`azureml://datastores/DATASTORE/paths/PATH`, in the short or the long form."""

    datastore: str
    path: str


@dataclass(frozen=True)
class JobOutputUri:
    """`azureml://jobs/JOB/outputs/OUTPUT/paths/PATH`; the output `artifacts` is the run's own artifacts."""

    job: str
    output: str
    path: str


@dataclass(frozen=True)
class RunUri:
    """`runs:/RUN/PATH` of MLflow."""

    run_id: str
    path: str


def asset_name(uri: str) -> AssetName | None:
    """The asset that a URI names; None for other URIs."""
    match = _ASSET.match(uri)
    return AssetName(match["name"], match["version"] or "latest") if match else None


def datastore_path(uri: str) -> DatastoreUri | None:
    """The datastore and the path that a URI names; None for other URIs."""
    match = _DATASTORE.match(uri)
    return DatastoreUri(match["datastore"], match["path"] or "") if match else None


def job_output(uri: str) -> JobOutputUri | None:
    """The job output that a URI names; None for other URIs."""
    match = _JOB.match(uri)
    return JobOutputUri(match["job"], match["output"], match["path"] or "") if match else None


def run_path(uri: str) -> RunUri | None:
    """The run and the path in its artifacts that a URI names; None for other URIs."""
    match = _RUN.match(uri)
    return RunUri(match["run"], match["path"]) if match else None


def logged_model(uri: str) -> str | None:
    """The id of the logged model that `models:/m-ID` names; None for other URIs."""
    match = _LOGGED_MODEL.match(uri)
    return match["id"] if match else None


def is_web(uri: str) -> bool:
    """Whether it is an http(s) URL."""
    return uri.startswith(("http://", "https://"))


def has_scheme(uri: str) -> bool:
    """Whether it is a URI, `file:` too, and no path."""
    return bool(_SCHEME.match(uri))


def local_place(uri: str, base: Path) -> Path:
    """The place of a file URI or of a local path (which starts from `base`); nothing need be there.

    Raises UserError for a URI of another kind, and for what is no path.
    """
    if uri.startswith("file://"):
        return _local(unquote(urlsplit(uri).path), base)
    if has_scheme(uri):
        raise UserError(f"{uri} has no place on this machine.", advice="Use a local path or a datastore URI.")
    return _local(uri, base)


def _local(path: str, base: Path) -> Path:
    if not path or "\0" in path:
        raise UserError(f"{path!r} is no path.")
    try:
        place = (base / Path(path).expanduser()).absolute()
        place.exists()
    except RuntimeError as error:
        raise UserError(f"{path}: the home folder is unknown.") from error
    except OSError as error:
        raise UserError(f"{path} can't be looked at: {error.strerror}.") from error
    return place
