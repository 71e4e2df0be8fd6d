"""Datastores of the Azure ML CLI v2 YAML schemas, and what can be said of one without asking anybody.

Sources: reference-yaml-datastore-blob, -data-lake-gen2, -files and -onelake on learn.microsoft.com
(azureBlob.schema.json, azureDataLakeGen2.schema.json, azureFile.schema.json, oneLake.schema.json); "Naming rules and
restrictions for Azure resources"; "Create a service SAS" of Azure Storage. `local`, a folder of this machine, is ours.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Literal
from urllib.parse import parse_qs

from services.entities import Datastore
from services.errors import Fault
from services.text import REDACTED

BLOB, FILE, GEN2, ONE_LAKE = "azure_blob", "azure_file", "azure_data_lake_gen2", "one_lake"
GEN1, LOCAL = "azure_data_lake_gen1", "local"
TYPES: Mapping[str, str] = {
    BLOB: "any files, cheapest: the usual choice",
    GEN2: "folders with rights: big data, Spark",
    FILE: "mounted like a disk: notebooks",
    ONE_LAKE: "a lakehouse of Microsoft Fabric",
    LOCAL: "a folder here; local workspaces only",
}
"""The types that can be made, and what each is."""
KEY, SAS, PRINCIPAL, CERTIFICATE, NONE = "account_key", "sas", "service_principal", "certificate", "none"
CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    BLOB: (KEY, SAS, NONE),
    FILE: (KEY, SAS, NONE),
    GEN2: (PRINCIPAL, CERTIFICATE, NONE),
    ONE_LAKE: (PRINCIPAL, NONE),
    GEN1: (PRINCIPAL, CERTIFICATE, NONE),
    LOCAL: (NONE,),
}
"""How each type may sign in."""
SECRETS: Mapping[str, str] = {
    KEY: "account_key",
    SAS: "sas_token",
    PRINCIPAL: "client_secret",
    CERTIFICATE: "certificate",
}
"""The field of the credentials that is the secret."""
CONTAINERS: Mapping[str, str] = {BLOB: "container_name", FILE: "file_share_name", GEN2: "filesystem"}
"""The field that names what in the account is opened."""
ENDPOINT, ONE_LAKE_ENDPOINT = "core.windows.net", "onelake.dfs.fabric.microsoft.com"
SOON = timedelta(days=7)
"""A signature that expires within is worth a warning."""
_OF_PRINCIPALS = ("tenant_id", "client_id")
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    BLOB: ("account_name", "container_name"),
    FILE: ("account_name", "file_share_name"),
    GEN2: ("account_name", "filesystem"),
    ONE_LAKE: ("one_lake_workspace_name", "artifact"),
    LOCAL: ("path",),
}
_COMMON = ("name", "type", "description", "tags", "credentials")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,254}")
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER = re.compile(r"\$(?:root|web|logs)|(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*")
_HOST = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True)
class DatastoreCredentials:
    """What signs requests; which of the fields hold tells the kind. A secret may be `<redacted>`: the one in force."""

    account_key: str | None = field(default=None, repr=False)
    sas_token: str | None = field(default=None, repr=False)
    tenant_id: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    thumbprint: str | None = None
    certificate: str | None = field(default=None, repr=False)
    authority_url: str | None = None
    resource_url: str | None = None
    __pydantic_config__ = {"extra": "forbid"}

    @property
    def kind(self) -> str:
        """account_key, sas, certificate, service_principal or none."""
        if self.account_key is not None:
            return KEY
        if self.sas_token is not None:
            return SAS
        if self.certificate is not None or self.thumbprint is not None:
            return CERTIFICATE
        named = (self.client_secret, self.client_id, self.tenant_id)
        return PRINCIPAL if any(value is not None for value in named) else NONE

    @property
    def secret(self) -> str:
        """The key, signature, password or certificate; empty for none."""
        return (getattr(self, SECRETS[self.kind]) or "") if self.kind in SECRETS else ""

    def with_secret(self, secret: str) -> DatastoreCredentials:
        """The same with another secret; nothing else where they have none."""
        return replace(self, **{SECRETS[self.kind]: secret}) if self.secret else self


@dataclass(frozen=True)
class OneLakeArtifact:
    """What of a Fabric workspace is opened."""

    name: str
    type: Literal["lake_house"] = "lake_house"
    __pydantic_config__ = {"extra": "forbid"}


@dataclass(frozen=True)
class DatastoreSpec:
    """A datastore; which of the fields hold depends on its type. Without credentials whoever reads signs in himself."""

    name: str
    type: Literal["azure_blob", "azure_file", "azure_data_lake_gen2", "azure_data_lake_gen1", "one_lake", "local"]
    description: str | None = None
    tags: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    account_name: str | None = None
    container_name: str | None = None
    filesystem: str | None = None
    file_share_name: str | None = None
    store_name: str | None = None
    one_lake_workspace_name: str | None = None
    artifact: OneLakeArtifact | None = None
    path: str | None = None
    endpoint: str | None = None
    protocol: str | None = None
    credentials: DatastoreCredentials | None = None
    __pydantic_config__ = {"extra": "forbid"}

    @property
    def signs_in(self) -> DatastoreCredentials:
        """The credentials; those of nobody where there are none."""
        return self.credentials or DatastoreCredentials()


def spec_of(store: Datastore) -> DatastoreSpec | None:
    """The spec that would make a datastore again, its secret redacted; None for one that can't be made.

    A default folder of a local workspace can't, nor what is retired.
    """
    if store.type not in TYPES or (store.folder and store.type != LOCAL):
        return None
    given: dict[str, str | None] = {name: value or None for name, value in store.credential_fields.items()}
    if store.credentials in SECRETS:
        given[SECRETS[store.credentials]] = REDACTED
    is_storage = store.type in CONTAINERS
    named = {CONTAINERS[store.type]: store.container_name} if is_storage else {}
    return DatastoreSpec(
        store.name,
        store.type,  # type: ignore[arg-type] # one of TYPES
        description=store.description or None,
        tags=store.tags,
        account_name=store.account_name if is_storage else None,
        one_lake_workspace_name=store.account_name if store.type == ONE_LAKE else None,
        artifact=OneLakeArtifact(store.container_name) if store.type == ONE_LAKE else None,
        path=store.folder or None,
        endpoint=store.endpoint or None,
        protocol=(store.protocol or None) if is_storage else None,
        credentials=DatastoreCredentials(**given) if given else None,
        **named,
    )


def sas_expiry(token: str) -> datetime | None:
    """When a shared access signature ends; None for one that ends with a policy of the container, or can't be read."""
    try:
        end = datetime.fromisoformat(parse_qs(token.lstrip("?")).get("se", [""])[0].replace("Z", "+00:00"))
    except ValueError:
        return None
    return end.astimezone(UTC) if end.tzinfo else end.replace(tzinfo=UTC)


def expiry_fault(expires_at: datetime | None, now: datetime) -> Fault | None:
    """What to say of a signature's end: a fault when it is over, a warning within a week of it."""
    if expires_at is None or expires_at - now > SOON:
        return None
    when = f"{expires_at:%Y-%m-%d %H:%M} UTC"
    if expires_at <= now:
        return Fault("credentials.sas_token", f"expired at {when}: make a new signature")
    return Fault("credentials.sas_token", f"expires soon, at {when}", "warning")


def datastore_faults(spec: DatastoreSpec, now: datetime, old: Datastore | None = None) -> list[Fault]:
    """Everything that is wrong with a spec in itself, worst first.

    Args:
        old: the datastore that it changes.
    """
    if spec.type == GEN1:
        message = f"Data Lake Storage Gen1 was retired in February 2024; {GEN2} took its place"
        return [Fault("type", message)]
    faults = [*_name_faults(spec, old), *_field_faults(spec), *_place_faults(spec), *_credential_faults(spec, now, old)]
    return sorted(faults, key=lambda fault: fault.severity != "error")


def _name_faults(spec: DatastoreSpec, old: Datastore | None) -> Iterator[Fault]:
    if not _NAME.fullmatch(spec.name):
        yield Fault("name", "expected 1 to 255 letters, digits, `-` and `_`, beginning with a letter or a digit")
    if old is not None and old.type != spec.type:
        yield Fault("type", f"{old.name} is there already and is of type {old.type}; choose another name")


def _field_faults(spec: DatastoreSpec) -> Iterator[Fault]:
    required = _REQUIRED[spec.type]
    for name in required:
        if not getattr(spec, name):
            yield Fault(name, "this field is required")
    more = ("endpoint", "protocol") if spec.type in CONTAINERS else ("endpoint",) if spec.type == ONE_LAKE else ()
    allowed = {*_COMMON, *required, *more}
    for one in fields(spec):
        if one.name not in allowed and getattr(spec, one.name) is not None:
            yield Fault(one.name, f"a datastore of type {spec.type} has no such field")


def _place_faults(spec: DatastoreSpec) -> Iterator[Fault]:
    if spec.type in CONTAINERS:
        if spec.account_name and not _ACCOUNT.fullmatch(spec.account_name):
            yield Fault("account_name", "expected the name alone: 3 to 24 small letters and digits")
        name = CONTAINERS[spec.type]
        if (container := getattr(spec, name)) and not _CONTAINER.fullmatch(container):
            yield Fault(name, "expected 3 to 63 small letters, digits and single `-` between them")
    if spec.endpoint and not _HOST.fullmatch(spec.endpoint):
        yield Fault("endpoint", f"expected a host such as {ENDPOINT}, without https://")
    if spec.protocol not in (None, "https", "http"):
        yield Fault("protocol", f"expected https or http, got {spec.protocol!r}")
    elif spec.protocol == "http":
        yield Fault("protocol", "with http all that is read and written can be seen on the way", "warning")


def _credential_faults(spec: DatastoreSpec, now: datetime, old: Datastore | None) -> Iterator[Fault]:
    given, kind = spec.signs_in, spec.signs_in.kind
    allowed = CREDENTIALS[spec.type]
    if kind not in allowed:
        yield Fault("credentials", f"{spec.type} takes {' or '.join(allowed)}, got {kind}")
        return
    if kind == NONE:
        return
    at = f"credentials.{SECRETS[kind]}"
    mine = {SECRETS[kind], *(("thumbprint",) if kind == CERTIFICATE else ())}
    if kind in (PRINCIPAL, CERTIFICATE):
        mine |= {*_OF_PRINCIPALS, "authority_url", "resource_url"}
    for name in (one.name for one in fields(given)):
        if name not in mine and getattr(given, name) is not None:
            yield Fault(f"credentials.{name}", f"does not belong to {kind}; give one way to sign in")
    for name in mine - {SECRETS[kind], "authority_url", "resource_url"}:
        if not getattr(given, name):
            yield Fault(f"credentials.{name}", "this field is required")
    if not given.secret:
        yield Fault(at, "this field is required")
    elif given.secret == REDACTED:
        if old is None or old.credentials != kind:
            yield Fault(at, f"is {REDACTED}: give the secret itself")
    elif kind == KEY:
        yield from _key_faults(given.secret, at)
    elif kind == SAS:
        yield from _sas_faults(given.secret, at, now)


def _key_faults(key: str, at: str) -> Iterator[Fault]:
    try:
        size = len(base64.b64decode(key, validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if size == 0:
        yield Fault(at, "is no account key: expected base64, from the portal under Access keys")
    elif size != 64:
        yield Fault(at, "has not the length of an account key: 88 characters", "warning")


def _sas_faults(token: str, at: str, now: datetime) -> Iterator[Fault]:
    parts = parse_qs(token.lstrip("?"))
    if "sig" not in parts:
        yield Fault(at, "is no shared access signature: it has no sig=; a whole address is more than the token")
        return
    if fault := expiry_fault(sas_expiry(token), now):
        yield fault
    rights = parts.get("sp", ["rl"])[0]
    if missing := [word for letter, word in (("r", "read"), ("l", "list")) if letter not in rights]:
        yield Fault(at, f"does not allow to {' and '.join(missing)}", "warning")
