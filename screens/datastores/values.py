"""The form of a datastore as plain texts, and its way to a DatastoreSpec and back. No widget in here.

A text's key is the path of what it means in the YAML, so that faults find their fields; `sign_in` is the kind of the
credentials, which the YAML tells by their fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from screens.names import typed_path
from screens.pairs import pairs_text, read_pairs
from services.entities import Datastore
from services.errors import Fault, SpecError
from services.specs.datastores import (
    BLOB,
    CERTIFICATE,
    CREDENTIALS,
    FILE,
    GEN2,
    KEY,
    LOCAL,
    ONE_LAKE,
    PRINCIPAL,
    SAS,
    SECRETS,
    DatastoreCredentials,
    DatastoreSpec,
    OneLakeArtifact,
)
from services.text import REDACTED

SIGN_IN = "sign_in"
CERTIFICATE_KEY = f"credentials.{SECRETS[CERTIFICATE]}"
_OF_TYPES: Mapping[str, tuple[str, ...]] = {
    BLOB: ("account_name", "container_name", "endpoint"),
    FILE: ("account_name", "file_share_name", "endpoint"),
    GEN2: ("account_name", "filesystem", "endpoint"),
    ONE_LAKE: ("one_lake_workspace_name", "artifact", "endpoint"),
    LOCAL: ("path",),
}
_OF_CREDENTIALS: Mapping[str, tuple[str, ...]] = {
    KEY: ("account_key",),
    SAS: ("sas_token",),
    PRINCIPAL: ("tenant_id", "client_id", "client_secret"),
    CERTIFICATE: ("tenant_id", "client_id", "thumbprint", "certificate"),
}
_COMMON = ("name", "type", "description", "tags")


def keys_of(kind: str, sign_in: str) -> frozenset[str]:
    """The fields of a type that signs in so."""
    asked = () if kind == LOCAL else (SIGN_IN,)
    credentials = [f"credentials.{name}" for name in _OF_CREDENTIALS.get(sign_in, ())] if asked else []
    return frozenset((*_COMMON, *_OF_TYPES[kind], *asked, *credentials))


def spec_of_values(values: Mapping[str, str], old: Datastore | None) -> DatastoreSpec:
    """What the texts of a form mean. Raises SpecError for tags that are none, and a certificate that can't be read.

    Args:
        old: the datastore that it changes; a secret that is left empty stays what it is.
    """
    kind, sign_in = values["type"], values[SIGN_IN]
    if sign_in not in CREDENTIALS[kind]:
        sign_in = CREDENTIALS[kind][0]
    wanted = keys_of(kind, sign_in)
    texts = {key: value.strip() or None for key, value in values.items() if key in wanted}
    tags, wrong = read_pairs(values.get("tags", ""), old.tags if old else {})
    if wrong:
        raise SpecError([Fault("tags", message) for message in wrong])
    artifact = texts.get("artifact")
    return DatastoreSpec(
        values["name"].strip(),
        kind,  # type: ignore[arg-type] # the list knows no other
        description=texts.get("description"),
        tags=tags,
        account_name=texts.get("account_name"),
        container_name=texts.get("container_name"),
        filesystem=texts.get("filesystem"),
        file_share_name=texts.get("file_share_name"),
        one_lake_workspace_name=texts.get("one_lake_workspace_name"),
        artifact=OneLakeArtifact(artifact) if artifact else None,
        path=str(typed_path(path)) if (path := texts.get("path")) else None,
        endpoint=texts.get("endpoint"),
        credentials=_credentials(texts, sign_in, old),
    )


def _credentials(texts: Mapping[str, str | None], sign_in: str, old: Datastore | None) -> DatastoreCredentials | None:
    if sign_in not in SECRETS or SIGN_IN not in texts:
        return None
    given = {name: texts.get(f"credentials.{name}") or "" for name in _OF_CREDENTIALS[sign_in]}
    secret = SECRETS[sign_in]
    if not given[secret] and old and old.credentials == sign_in:
        given[secret] = REDACTED
    elif sign_in == CERTIFICATE and given[secret]:
        given[secret] = _certificate(given[secret])
    kept = {"authority_url", "resource_url"} & set(old.credential_fields if old else ())
    return DatastoreCredentials(**given, **{name: old.credential_fields[name] for name in kept if old})


def _certificate(path: str) -> str:
    place: Path = typed_path(path)
    try:
        return place.read_text("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise SpecError([Fault(CERTIFICATE_KEY, f"{place} can't be read: {reason}")]) from error


def values_of(spec: DatastoreSpec) -> dict[str, str]:
    """The texts that mean a spec; a secret is left empty."""
    plain = {one.name: getattr(spec, one.name) for one in fields(spec)}
    values = {name: value for name, value in plain.items() if isinstance(value, str)}
    given = spec.signs_in
    values |= {f"credentials.{name}": getattr(given, name) or "" for name in ("tenant_id", "client_id", "thumbprint")}
    values["artifact"] = spec.artifact.name if spec.artifact else ""
    return {**values, "tags": pairs_text(spec.tags), SIGN_IN: given.kind}
