"""Datastores: the bodies of Azure Resource Manager as entities, and specs as such bodies.

Of credentials an entity holds their kind, and what of them is no secret. Bodies are those that azure-ai-ml 1.35 sends
("Datastores - Create Or Update" of the Machine Learning REST API).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.azure.asset_fields import NEVER, created_at, tags_of, text
from services.azure.resources import Body, properties_of
from services.entities import Datastore
from services.names import text_tags
from services.specs.datastores import (
    BLOB,
    CERTIFICATE,
    FILE,
    GEN1,
    GEN2,
    KEY,
    NONE,
    ONE_LAKE,
    ONE_LAKE_ENDPOINT,
    PRINCIPAL,
    SAS,
    DatastoreCredentials,
    DatastoreSpec,
)
from services.storage.opening import ENDPOINT
from services.targets import AzureTarget

_TYPES = {
    "AzureBlob": BLOB,
    "AzureFile": FILE,
    "AzureDataLakeGen1": GEN1,
    "AzureDataLakeGen2": GEN2,
    "OneLake": ONE_LAKE,
}
_CREDENTIALS = {"AccountKey": KEY, "Sas": SAS, "ServicePrincipal": PRINCIPAL, "Certificate": CERTIFICATE, "None": NONE}
_SECRETS = {KEY: "key", SAS: "sasToken", PRINCIPAL: "clientSecret", CERTIFICATE: "certificate"}
_CONTAINERS = {BLOB: "containerName", GEN2: "filesystem", FILE: "fileShareName"}
_FIELDS = {
    "tenantId": "tenant_id",
    "clientId": "client_id",
    "thumbprint": "thumbprint",
    "authorityUrl": "authority_url",
    "resourceUrl": "resource_url",
}
"""What of credentials is no secret."""
AUTHORITY = "https://login.microsoftonline.com"
"""Where service principals of the public cloud sign in."""


def datastore(body: Body, target: AzureTarget, *, identity: str = "", expires_at: datetime | None = None) -> Datastore:
    """One datastore; a type that is new to us keeps the service's name.

    Args:
        identity: who reads where it has no credentials.
        expires_at: when its signature ends, which only its secret tells.
    """
    properties = properties_of(body)
    name = text(body.get("name"))
    kind = _ours(_TYPES, text(properties.get("datastoreType")))
    found = properties.get("credentials")
    credentials: Mapping[str, Any] = found if isinstance(found, dict) else {}
    signs_in = _ours(_CREDENTIALS, text(credentials.get("credentialsType"))) or NONE
    made, artifact = created_at(body), properties.get("artifact")
    lakehouse = text(artifact.get("artifactName")) if isinstance(artifact, dict) else ""
    account = properties.get("accountName") or properties.get("storeName") or properties.get("oneLakeWorkspaceName")
    return Datastore(
        name=name,
        type=kind,
        is_default=bool(properties.get("isDefault")),
        description=text(properties.get("description")),
        account_name=text(account),
        container_name=text(properties.get(_CONTAINERS.get(kind, ""))) or lakehouse,
        credentials=signs_in,
        created_at=None if made is NEVER else made,
        studio_url=target.studio_page(f"data/datastore/{name}/edit"),
        endpoint=text(properties.get("endpoint")),
        protocol=text(properties.get("protocol")),
        tags=tags_of(body),
        credential_fields={
            ours: value
            for theirs, ours in _FIELDS.items()
            if signs_in != NONE and (value := text(credentials.get(theirs)))
        },
        expires_at=expires_at,
        identity=identity if signs_in == NONE else "",
    )


def _ours(names: Mapping[str, str], told: str) -> str:
    """Our word for one of the service's, which it spells in any case."""
    return next((ours for theirs, ours in names.items() if theirs.lower() == told.lower()), told)


def _theirs(names: Mapping[str, str], ours: str) -> str:
    return next(theirs for theirs, word in names.items() if word == ours)


def properties_to_send(spec: DatastoreSpec) -> dict[str, Any]:
    """What is in `properties` of the request that makes or changes a datastore."""
    properties: dict[str, Any] = {
        "datastoreType": _theirs(_TYPES, spec.type),
        "description": spec.description,
        "tags": text_tags(spec.tags),
        "credentials": _credentials(spec.signs_in),
    }
    if spec.type == ONE_LAKE:
        properties["oneLakeWorkspaceName"] = spec.one_lake_workspace_name
        properties["endpoint"] = spec.endpoint or ONE_LAKE_ENDPOINT
        if spec.artifact:
            properties["artifact"] = {"artifactType": "LakeHouse", "artifactName": spec.artifact.name}
    else:
        container = spec.container_name or spec.filesystem or spec.file_share_name
        properties[_CONTAINERS[spec.type]] = container
        properties["accountName"] = spec.account_name
        properties["endpoint"] = spec.endpoint or ENDPOINT
        properties["protocol"] = spec.protocol or "https"
    return properties


def _credentials(given: DatastoreCredentials) -> dict[str, Any]:
    kind = given.kind
    name = _theirs(_CREDENTIALS, kind)
    if kind == NONE:
        return {"credentialsType": name}
    public = {theirs: getattr(given, ours) for theirs, ours in _FIELDS.items() if getattr(given, ours)}
    if kind in (PRINCIPAL, CERTIFICATE):
        public.setdefault("authorityUrl", AUTHORITY)
    return {"credentialsType": name, **public, "secrets": {"secretsType": name, _SECRETS[kind]: given.secret}}


def secret_of(answer: Body) -> str:
    """The secret in an answer of `listSecrets`; empty for none. For a key the service may give a signature instead."""
    return next((value.lstrip("?") for name in _SECRETS.values() if (value := text(answer.get(name)))), "")
