"""The workspace and what it holds besides jobs and models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """A page of a list.

    Attributes:
        items: in the order that was asked for.
        cursor: hand it back to get the next page; None after the last.
        total: how many there are in all; None where the service can't tell.
        as_of: when the service said so, if this comes from the copy on disk; None for what is true now.
        trouble: why it could not be read anew, in a few words; empty while nothing is wrong.
    """

    items: tuple[T, ...] = ()
    cursor: str | None = None
    total: int | None = None
    as_of: datetime | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Resource:
    """A resource that a workspace has by default, and its state."""

    kind: str
    name: str
    state: str = ""


@dataclass(frozen=True)
class WorkspaceInfo:
    """A workspace.

    Attributes:
        kind: local or azure.
        location: the region, or the folder of a local workspace.
        read_only: nothing can be written; lists work.
        counts: how many jobs, data assets, models, environments, computes.
    """

    name: str
    kind: str
    location: str
    resource_group: str = ""
    subscription_id: str = ""
    identity: str = ""
    description: str = ""
    created_at: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[Resource, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    default_datastore: str = "workspaceblobstore"
    mlflow_tracking_uri: str = ""
    studio_url: str = ""
    read_only: bool = False


@dataclass(frozen=True)
class Datastore:
    """A registered place where data lies.

    Attributes:
        type: azure_blob, azure_file, azure_data_lake_gen2, one_lake, azure_data_lake_gen1 (retired), local (a folder of
            this machine), or the type that a default folder of a local workspace stands for.
        account_name, container_name: of OneLake the Fabric workspace and the lakehouse.
        credentials: none, account_key, sas, service_principal, certificate.
        credential_fields: what of the credentials is no secret, such as tenant_id and client_id.
        expires_at: when its signature ends; None for none, and where that can't be told.
        identity: who reads, where it has no credentials of its own.
        folder: the folder behind a local datastore; empty for storage in the cloud.
    """

    name: str
    type: str
    is_default: bool = False
    description: str = ""
    account_name: str = ""
    container_name: str = ""
    credentials: str = "none"
    folder: str = ""
    created_at: datetime | None = None
    studio_url: str = ""
    endpoint: str = ""
    protocol: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    credential_fields: Mapping[str, str] = field(default_factory=dict)
    expires_at: datetime | None = None
    identity: str = ""


@dataclass(frozen=True)
class FileEntry:
    """A file or a folder in a datastore.

    Attributes:
        etag: another one after each write, without quotes; empty where the storage has none.
    """

    path: str
    is_folder: bool
    size: int = 0
    modified_at: datetime | None = None
    etag: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class DataAsset:
    """One version of a data asset.

    Attributes:
        type: uri_file, uri_folder or mltable.
        path: its URI, in the form azureml://datastores/NAME/paths/...
        properties: what never changes after the registration; `lapis.job`, `lapis.table`, `lapis.recipe` and
            `lapis.recipe_sha256` tell what a job made it of.
        size: bytes; None where the service can't tell.
        latest: whether it is the version that `@latest` means.
    """

    name: str
    version: str
    type: str
    path: str
    created_at: datetime
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    size: int | None = None
    created_by: str = ""
    version_count: int = 1
    latest: bool = True
    archived: bool = False
    studio_url: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names that stand for this version: the service knows `latest` alone."""
        return ("latest",) if self.latest else ()


@dataclass(frozen=True)
class Environment:
    """One version of an environment.

    Attributes:
        image: the docker image; empty for the interpreter of this machine.
        conda_file: the text of the conda file; empty if it has none.
        curated: made by the service; its name starts with AzureML-.
        state: on a local workspace: ready, not built, building, failed.
    """

    name: str
    version: str
    created_at: datetime | None = None
    image: str = ""
    conda_file: str = ""
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    curated: bool = False
    packages: tuple[str, ...] = ()
    state: str = ""
    version_count: int = 1
    studio_url: str = ""


@dataclass(frozen=True)
class TableColumn:
    """A column of a preview: its name, its type, and the missing values among the rows read."""

    name: str
    type: str
    nulls: int


@dataclass(frozen=True)
class TablePreview:
    """The first rows of a table.

    Attributes:
        columns: in the order of the file.
        rows: a tuple per row; None is a missing value, everything else is text.
        total_rows: rows of the whole table; None while unknown.
        path: the file that was read.
        files: all table files, when the asset is a folder.
        message: why there are no rows ("not a table: PNG image, 12 kB"); empty when there are.
        notes: what is odd in the file or in how it was read ("not UTF-8: read as Latin-1"), each in a line.
    """

    columns: tuple[TableColumn, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    total_rows: int | None = None
    path: str = ""
    files: tuple[str, ...] = ()
    message: str = ""
    notes: tuple[str, ...] = ()
