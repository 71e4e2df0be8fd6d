"""The storage account of the lab's workspace: blobs in Azurite, and signatures that it checks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.azure_emulator.azurite import Azurite
from tests.azure_emulator.certificates import Certificates

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The account and the key that every Azurite has."""
HOST = f"{ACCOUNT}.blob.core.windows.net"
BLOB_CONTAINER = "azureml-blobstore-lab"
ARTIFACT_CONTAINER = "azureml"


def account_sas(permissions: str = "rcuwdl", *, hours: float = 1) -> str:
    """A signature for all blobs of the account, without a question mark."""
    from azure.storage.blob import generate_account_sas

    signed: str = generate_account_sas(
        ACCOUNT,
        KEY,
        resource_types="co",
        permission=permissions,
        expiry=datetime.now(UTC) + timedelta(hours=hours),
        protocol="https",
    )
    return signed


def container_sas(container: str, permissions: str = "rcwl", *, hours: float = 1) -> str:
    """A signature for one container, without a question mark."""
    from azure.storage.blob import generate_container_sas

    signed: str = generate_container_sas(
        ACCOUNT,
        container,
        KEY,
        permission=permissions,
        expiry=datetime.now(UTC) + timedelta(hours=hours),
        protocol="https",
    )
    return signed


class Storage:
    """Azurite and a client of it that passes no proxy."""

    def __init__(self, certificates: Certificates, folder: Path) -> None:
        from azure.storage.blob import BlobServiceClient

        self._azurite = Azurite(certificates, folder)
        self._azurite.wait()
        self.port = self._azurite.port
        self.client: BlobServiceClient = BlobServiceClient(
            f"https://127.0.0.1:{self.port}/{ACCOUNT}", KEY, connection_verify=str(certificates.authority)
        )

    def make_container(self, name: str) -> None:
        """Makes a container where there is none."""
        container = self.client.get_container_client(name)
        if not container.exists():
            container.create_container()

    def write_blob(self, container: str, path: str, content: bytes) -> None:
        """Puts a blob, in place of one that has the path; makes the container where there is none."""
        from azure.core.exceptions import ResourceNotFoundError

        blob = self.client.get_blob_client(container, path)
        try:
            blob.upload_blob(content, overwrite=True)
        except ResourceNotFoundError:
            self.make_container(container)
            blob.upload_blob(content, overwrite=True)

    def read_blob(self, container: str, path: str) -> bytes:
        """The content of a blob; azure.core's ResourceNotFoundError where there is none."""
        content: bytes = self.client.get_blob_client(container, path).download_blob().readall()
        return content

    def list_blobs(self, container: str, prefix: str = "") -> list[str]:
        """The paths of the blobs in a container, in their order."""
        return list(self.client.get_container_client(container).list_blob_names(name_starts_with=prefix))

    def blob_url(self, container: str, path: str) -> str:
        """An address at which whoever has it may read a blob for an hour."""
        return f"https://{HOST}/{container}/{quote(path)}?{account_sas('r')}"

    def clear(self) -> None:
        """Deletes all blobs, and all containers but those of a workspace, which it makes where they are missing."""
        missing = {BLOB_CONTAINER, ARTIFACT_CONTAINER}
        for container in self.client.list_containers():
            if container.name in missing and self._is_empty(container.name):
                missing.remove(container.name)
            else:
                self.client.delete_container(container)
        for name in sorted(missing):
            self.client.create_container(name)

    def _is_empty(self, container: str) -> bool:
        """Whether a container has no blobs; Azurite answers 500 while one has control characters in its name."""
        from azure.core.exceptions import HttpResponseError

        try:
            return not any(self.client.get_container_client(container).list_blob_names(retry_total=0))
        except HttpResponseError:
            return False

    def stop(self) -> None:
        """Ends Azurite."""
        self.client.close()
        self._azurite.stop()
