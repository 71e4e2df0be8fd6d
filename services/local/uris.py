"""What the azureml URIs mean in the folder of a local workspace.

Forms (learn.microsoft.com, "Data concepts" and the CLI v2 YAML reference): `azureml://datastores/D/paths/P`, the long form with
subscriptions, resourcegroups and workspaces before it, `azureml:NAME:VERSION`, `azureml:NAME@LABEL`,
`azureml://jobs/J/outputs/O/paths/P`, `runs:/RUN/P`, `models:/m-ID`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from services.errors import NotFoundError, UserError
from services.local.layout import DATASTORES, Layout

_DATASTORE = re.compile(r"^azureml://(?:subscriptions/[^/]+/resource[gG]roups/[^/]+/(?:providers/[^/]+/)?workspaces/[^/]+/)?"
                        r"datastores/(?P<datastore>[^/]+)(?:/paths/(?P<path>.*))?$")
_ASSET = re.compile(r"^azureml:(?!//)(?P<name>[^:@]+)(?:[:@](?P<version>.+))?$")
_JOB = re.compile(r"^azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths/(?P<path>.*))?$")


@dataclass(frozen=True)
class AssetName:
    """`azureml:NAME:VERSION` or `azureml:NAME@LABEL`; the version is `latest` when none is given."""

    name: str
    version: str


@dataclass(frozen=True)
class JobOutputUri:
    """`azureml://jobs/JOB/outputs/OUTPUT/paths/PATH`; the output `artifacts` is the run's own artifacts."""

    job: str
    output: str
    path: str


def asset_name(uri: str) -> AssetName | None:
    """The asset that a URI names; None for other URIs."""
    match = _ASSET.match(uri)
    return AssetName(match["name"], match["version"] or "latest") if match else None


def job_output(uri: str) -> JobOutputUri | None:
    """The job output that a URI names; None for other URIs."""
    match = _JOB.match(uri)
    return JobOutputUri(match["job"], match["output"], match["path"] or "") if match else None


def datastore_uri(datastore: str, path: str) -> str:
    """The short form: azureml://datastores/D/paths/P."""
    return f"azureml://datastores/{datastore}/paths/{path}"


def inside(root: Path, path: str) -> Path:
    """`root/path`. Raises UserError if that lies outside of root, by `..`, by a link or by an absolute path."""
    target = (root / path.lstrip("/")).resolve()
    if not target.is_relative_to(root.resolve()):
        raise UserError(f"{path} lies outside of {root.name}.", advice="Name a path below it, without `..`.")
    return target


def resolve(layout: Layout, uri: str, base: Path) -> Path:
    """The local place of a datastore URI, a file URI or a local path (which starts from `base`).

    Raises NotFoundError for an unknown datastore, UserError for a path that leaves its datastore or has no local place.
    """
    if match := _DATASTORE.match(uri):
        name = match["datastore"]
        if name not in DATASTORES:
            raise NotFoundError(f"There is no datastore named {name}.", advice=f"There are {', '.join(DATASTORES)}.")
        return inside(layout.datastore(name), match["path"] or "")
    if uri.startswith("file://"):
        return Path(uri.removeprefix("file://"))
    if re.match(r"^[a-z]{3,}:", uri):
        raise UserError(f"{uri} has no place on this machine.", advice="Use a local path or a datastore URI.")
    return (base / Path(uri).expanduser()).absolute()
