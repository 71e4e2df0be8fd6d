"""Where the files of an asset lie: the datastore that its URI names, and the path there."""

from __future__ import annotations

from services.asset_uris import datastore_path
from services.azure.asset_fields import is_foreign
from services.azure.datastores import folder_path
from services.azure.storage import Storage
from services.errors import UserError
from services.storage.places import Place
from services.targets import AzureTarget


class Places:
    """Finds places by URIs; blocking."""

    def __init__(self, storage: Storage, target: AzureTarget) -> None:
        self._storage = storage
        self._target = target

    def find(self, uri: str) -> Place:
        """The place that a datastore URI names; nothing need be there.

        Raises NotFoundError for an unknown datastore, UserError for what no datastore of this workspace names.
        """
        place = datastore_path(uri)
        if place is None or is_foreign(uri, self._target):
            raise UserError(
                f"{uri} is in no datastore of this workspace, so its files can't be listed from here.",
                title="Not in a datastore of this workspace",
                advice="A job that takes it as input reads it.",
            )
        return Place(self._storage.open(place.datastore), folder_path(place.path))
