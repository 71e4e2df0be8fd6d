"""What is said where storage refuses a datastore: what it signed in with, and what mends that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unittest.mock import create_autospec

import pytest

from services.entities import Datastore, FileEntry
from services.errors import AccessError, ServiceError, TransientError, UserError, Who
from services.storage.datastores import open_datastore, storage_refusals
from services.storage.files import StoreFiles
from services.storage.prefixed import PrefixedFiles

OVER = datetime.now(UTC) - timedelta(days=1)
DENIED = AccessError("This request is not authorized.", title="This identity may not do that")


def store(credentials: str = "none", type_: str = "azure_blob", **more: object) -> Datastore:
    given = {"account_name": "contoso", "container_name": "raw", "identity": "ada (Azure CLI)", **more}
    return Datastore("raw", type_, credentials=credentials, **given)  # type: ignore[arg-type]


def refused(datastore: Datastore, error: ServiceError = DENIED) -> ServiceError:
    with pytest.raises(ServiceError) as caught, storage_refusals(lambda: datastore):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("datastore", "title", "advice"),
    [
        (store("account_key"), "The account key was refused", "e edits the datastore: give a key that is in force"),
        (store("sas"), "The signature was refused", "e edits the datastore: give a signature that may read and list"),
        (store("sas", expires_at=OVER), "The signature has expired", "Make a new one in the portal"),
        (
            store("service_principal", credential_fields={"client_id": "c-1"}),
            "The service principal was refused",
            "Ask for the role Storage Blob Data Reader on the account contoso, for c-1.",
        ),
        (
            store(),
            "This identity may not read it",
            "Ask for the role Storage Blob Data Reader on the account contoso, for ada (Azure CLI).",
        ),
        (store(type_="azure_file"), "This identity may not read it", "Storage File Data Privileged Reader"),
        (store(type_="one_lake"), "This identity may not read it", "Viewer in the Fabric workspace contoso"),
    ],
)
def test_each_way_to_sign_in_has_its_own_words(datastore: Datastore, title: str, advice: str) -> None:
    error = refused(datastore)
    assert isinstance(error, AccessError)
    assert error.title == title
    assert advice in error.advice
    assert (error.who is Who.ADMIN) == advice.startswith(("Ask", "Storage", "Viewer"))


def test_nobody_signed_in_and_a_wrong_clock_stay_what_they_are() -> None:
    for title in ("Not signed in to Azure", "The clock of this machine is wrong"):
        assert refused(store(), AccessError("...", title=title, who=Who.YOU)).title == title


def test_an_account_that_is_not_there_is_named() -> None:
    error = refused(store(), TransientError("The name of the service was not found.", title="No connection to Azure"))
    assert error.title == "The account was not found"
    assert "contoso" in error.detail


def test_what_is_retired_cannot_be_browsed() -> None:
    with pytest.raises(UserError, match="azure_data_lake_gen1"):
        open_datastore(store(type_="azure_data_lake_gen1"), "", lambda: pytest.fail("nobody signs in"))


def test_a_lakehouse_is_a_folder_of_its_workspace() -> None:
    principal = {"tenant_id": "00000000-0000-0000-0000-00000000000a", "client_id": "c-1"}
    lakehouse = store("service_principal", "one_lake", credential_fields=principal)
    assert isinstance(open_datastore(lakehouse, "a password", lambda: pytest.fail("it has a secret")), PrefixedFiles)
    inner = create_autospec(StoreFiles, instance=True)
    inner.entries.return_value = [FileEntry("plant.Lakehouse/Files", True)]
    inner.read.return_value = b"a"
    files = PrefixedFiles(inner, "plant.Lakehouse")
    assert files.entries("", 10) == [FileEntry("Files", True)]
    assert files.read("Files/x.csv", 0, 1) == b"a"
    inner.entries.assert_called_with("plant.Lakehouse/", 10)
    inner.read.assert_called_with("plant.Lakehouse/Files/x.csv", 0, 1, etag="")
