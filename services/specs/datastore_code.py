"""A datastore's spec as the SDK's classes."""

from __future__ import annotations

from dataclasses import asdict

from services.specs.compute_code import Call
from services.specs.datastores import (
    BLOB,
    CERTIFICATE,
    CONTAINERS,
    FILE,
    GEN2,
    KEY,
    ONE_LAKE,
    PRINCIPAL,
    SAS,
    DatastoreCredentials,
    DatastoreSpec,
)

_ENTITIES = {
    BLOB: "AzureBlobDatastore",
    FILE: "AzureFileDatastore",
    GEN2: "AzureDataLakeGen2Datastore",
    ONE_LAKE: "OneLakeDatastore",
}
_CREDENTIALS = {
    KEY: "AccountKeyConfiguration",
    SAS: "SasTokenConfiguration",
    PRINCIPAL: "ServicePrincipalConfiguration",
    CERTIFICATE: "CertificateConfiguration",
}


def sdk_call(spec: DatastoreSpec) -> Call:
    """The spec as the SDK's classes; values of the arguments are plain or calls themselves."""
    artifact = Call("OneLakeArtifact", **asdict(spec.artifact)) if spec.artifact else None
    container = {name: getattr(spec, name) for name in CONTAINERS.values()}
    return Call(
        _ENTITIES[spec.type],
        name=spec.name,
        description=spec.description,
        tags=dict(spec.tags) or None,
        account_name=spec.account_name,
        **container,
        one_lake_workspace_name=spec.one_lake_workspace_name,
        artifact=artifact,
        endpoint=spec.endpoint,
        protocol=spec.protocol,
        credentials=_credentials(spec.signs_in),
    )


def _credentials(given: DatastoreCredentials) -> Call | None:
    name = _CREDENTIALS.get(given.kind)
    return Call(name, **asdict(given)) if name else None
