"""Opens the storage behind a datastore by its own secret or by an identity; tells what to do where it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from services.azure_errors import azure_errors
from services.entities import Datastore
from services.errors import AccessError, NotFoundError, ServiceError, TransientError, UserError, Who
from services.specs.datastores import (
    CERTIFICATE,
    CONTAINERS,
    FILE,
    KEY,
    NONE,
    ONE_LAKE,
    ONE_LAKE_ENDPOINT,
    PRINCIPAL,
    SAS,
    expiry_fault,
)
from services.storage.files import StoreFiles
from services.storage.opening import ENDPOINT, open_blobs, open_share
from services.storage.prefixed import PrefixedFiles
from services.storage.roles import role_for
from services.uris import lakehouse_folder

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

EDIT = "e edits the datastore"
"""The key that mends what a datastore signs in with."""


def open_datastore(
    store: Datastore, secret: str, identity: Callable[[], TokenCredential], *, container: str = ""
) -> StoreFiles:
    """The files of a datastore in the cloud; nothing is asked yet. Raises UserError for a type that can't be browsed.

    Args:
        secret: what it signs in with; empty where it has none, or where none may be seen: then the identity reads.
        identity: makes the credential of who reads.
        container: another one of the same account.
    """
    if store.type not in (*CONTAINERS, ONE_LAKE):
        raise UserError(
            f"The datastore {store.name} is of type {store.type}, whose files can't be listed from here.",
            title="This datastore can't be browsed",
            advice="Open it in Studio, or with the tools of its own service.",
        )
    credential = _credential(store, secret) or identity()
    if store.type == ONE_LAKE:
        return _open_one_lake(store, credential)
    endpoint = store.endpoint or ENDPOINT
    opened = open_share if store.type == FILE else open_blobs
    return opened(store.account_name, container or store.container_name, credential, endpoint=endpoint)


def _credential(store: Datastore, secret: str) -> str | TokenCredential | None:
    if not secret:
        return None
    if store.credentials in (KEY, SAS):
        return secret.lstrip("?")
    from azure import identity

    named = store.credential_fields
    tenant, client = named.get("tenant_id", ""), named.get("client_id", "")
    options = {"authority": authority} if (authority := named.get("authority_url")) else {}
    if store.credentials == PRINCIPAL:
        return identity.ClientSecretCredential(tenant, client, secret, **options)
    if store.credentials == CERTIFICATE:
        return identity.CertificateCredential(tenant, client, certificate_data=secret.encode(), **options)
    return None


def _open_one_lake(store: Datastore, credential: str | TokenCredential) -> StoreFiles:
    """A lakehouse as the blobs that it also is: a Fabric workspace is the container ("OneLake access and APIs")."""
    account, _, endpoint = (store.endpoint or ONE_LAKE_ENDPOINT).replace(".dfs.", ".blob.").partition(".blob.")
    files = open_blobs(account, store.account_name, credential, endpoint=endpoint)
    return PrefixedFiles(files, lakehouse_folder(store.container_name))


@cache
def machine_credential() -> TokenCredential:
    """The identity that this machine is signed in as, found at the first token: environment, managed identity, az."""
    from azure import identity

    return identity.DefaultAzureCredential(
        exclude_shared_token_cache_credential=True,
        exclude_visual_studio_code_credential=True,
        exclude_powershell_credential=True,
        exclude_developer_cli_credential=True,
        exclude_broker_credential=True,
    )


@contextmanager
def storage_refusals(tell: Callable[[], Datastore]) -> Iterator[None]:
    """Turn what storage raises into a ServiceError that says who was refused, and what mends it.

    Args:
        tell: the datastore, with the end of its signature; asked for where storage refuses.
    """
    try:
        with azure_errors():
            yield
    except AccessError as error:
        raise _refused(tell(), error) from error
    except UserError as error:
        if "InvalidAuthenticationInfo" not in error.detail:
            raise
        refused = AccessError(error.detail, request_id=error.request_id)
        raise _refused(tell(), refused) from error
    except TransientError as error:
        if "name" not in error.detail or error.title != "No connection to Azure":
            raise
        host = tell().account_name
        raise TransientError(
            f"No storage account answers to the name {host}: there is none, or there is no network.",
            title="The account was not found",
            advice=f"Check the network, and the account: {EDIT}.",
            who=Who.YOU,
        ) from error


def _refused(store: Datastore, error: AccessError) -> ServiceError:
    if "clock" in error.title:
        return error
    mended = {
        KEY: ("The account key was refused", f"{EDIT}: give a key that is in force (portal, Access keys)."),
        SAS: ("The signature was refused", f"{EDIT}: give a signature that may read and list."),
        PRINCIPAL: ("The service principal was refused", ""),
        CERTIFICATE: ("The certificate was refused", ""),
    }
    fault = expiry_fault(store.expires_at, datetime.now(UTC))
    if fault and fault.severity == "error":
        advice = f"Make a new one in the portal (Shared access tokens); {EDIT}."
        return _access(
            error, "The signature has expired", advice, Who.YOU, f"The signature of {store.name} {fault.message}."
        )
    title, advice = mended.get(store.credentials, ("This identity may not read it", ""))
    if advice:
        return _access(error, title, advice, Who.YOU)
    if store.credentials == NONE and error.who is Who.YOU:  # nobody is signed in
        return error
    if error.who is Who.YOU:
        return _access(error, title, f"{EDIT}: give a secret that is in force.", Who.YOU)
    who = store.credential_fields.get("client_id") or store.identity or "this identity"
    return _access(error, title, f"Ask for the role {role_for(store)}, for {who}.", Who.ADMIN)


def _access(error: AccessError, title: str, advice: str, who: Who, detail: str = "") -> AccessError:
    return AccessError(detail or error.detail, title=title, advice=advice, request_id=error.request_id, who=who)


def missing(store: Datastore, path: str) -> NotFoundError:
    """What to say when nothing is at a path: no such folder, or no such container at all."""
    if path:
        return NotFoundError(f"{store.name} has no folder {path}.")
    return NotFoundError(
        f"The account {store.account_name} has no container {store.container_name}.",
        title="The container is missing",
        advice=f"Make it in the portal, or {EDIT}.",
    )
