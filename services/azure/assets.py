"""What data, models and environments have in common: a name, and versions that are resources of their own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import unquote

from services import names
from services.azure.connection import Connection
from services.azure.resources import Body, Resources, properties_of
from services.errors import NotFoundError, UserError

T = TypeVar("T")

ALL = "All"
TRIES = 3
"""How often the next number is asked for when others take it at the same moment."""


class Assets:
    """One kind of asset: blocking calls but for `each`.

    Args:
        kind: as the REST path has it: data, models, environments.
        word: as sentences have it: `data asset`.
    """

    def __init__(self, connection: Connection, kind: str, word: str) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._kind = kind
        self._word = word
        self._numbering = threading.Lock()

    async def each(self, make: Callable[[Body, Sequence[Body]], T]) -> list[T]:
        """What `make` makes of each name and its versions, by name.

        A name tells of its versions only which came last, so each is asked for them, a few at a time.
        """
        found = await self._connection.read(lambda _: list(self._resources.list(self._kind, listViewType=ALL)))
        known = sorted((body for body in found if body.get("name")), key=lambda body: str(body["name"]))

        async def versions(name: str) -> list[Body]:
            return await self._connection.read(lambda _: self._of(name), background=True)

        held = await asyncio.gather(*(versions(str(body["name"])) for body in known))
        return [make(body, those) for body, those in zip(known, held, strict=True) if those]

    def versions(self, name: str) -> list[Body]:
        """All versions, the newest first. Raises NotFoundError."""
        found = [] if names.name_faults(name) else self._of(name)
        # the service takes a name in any case of its letters
        if not any(segments(body)[-3:-2] == [name] for body in found):
            raise NotFoundError(f"There is no {self._word} named {name}.", advice=f"See the list of {self._word}s.")
        return found

    def check_free(self, name: str, wanted: str | int | None) -> None:
        """Raise ConflictError if the version that is wanted is there, before anything is uploaded."""
        if wanted is not None and self._resources.find(self._kind, name, "versions", str(wanted)):
            raise names.taken(self._word.capitalize(), name, str(wanted))

    def create(self, name: str, wanted: str | int | None, properties: Mapping[str, Any]) -> Body:
        """Make the version that is wanted, or else the next one. Raises ConflictError."""
        for left in reversed(range(TRIES)):
            with self._numbering:  # the service numbers nothing itself: who puts a version that is there changes it
                known = {str(body.get("name")) for body in self._of(name)}
                version = names.next_version(known) if wanted is None else str(wanted)
                if version in known:
                    raise names.taken(self._word.capitalize(), name, version)
                try:
                    return self._resources.put(self._kind, name, "versions", version, properties=properties)
                except UserError as error:
                    # another client may have made that version a moment ago; Azure then refuses to change its path
                    if self._resources.find(self._kind, name, "versions", version) is None:
                        raise
                    if wanted is not None or not left:
                        raise names.taken(self._word.capitalize(), name, version) from error
        raise AssertionError("unreachable")

    def change(self, name: str, version: str, **properties: Any) -> Body:
        """Replace some properties of a version; all others are sent back as they were. Raises NotFoundError."""
        known = dict(properties_of(self._resources.get(self._kind, name, "versions", version)))
        known.pop("provisioningState", None)
        return self._resources.put(self._kind, name, "versions", version, properties={**known, **properties})

    def archive_name(self, name: str, *, archived: bool) -> None:
        """Hide a name with all its versions, or show it."""
        known = properties_of(self._resources.get(self._kind, name))
        kept = {key: known[key] for key in ("description", "tags", "properties", "dataType") if known.get(key)}
        self._resources.put(self._kind, name, properties={**kept, "isArchived": archived})

    def _of(self, name: str) -> list[Body]:
        try:
            found = list(self._resources.list(self._kind, name, "versions", listViewType=ALL))
        except NotFoundError:
            return []
        return sorted(found, key=created, reverse=True)


def segments(body: Mapping[str, Any]) -> list[str]:
    """The segments of a resource's id."""
    return [unquote(part) for part in str(body.get("id") or "").strip("/").split("/")]


def name_of(body: Mapping[str, Any]) -> str:
    """The asset's name, which the id of a version holds."""
    parts = segments(body)
    return parts[-3] if len(parts) >= 3 else ""


def created(body: Mapping[str, Any]) -> str:
    """When it was made, as text that sorts."""
    data = body.get("systemData")
    return str(data.get("createdAt") or "") if isinstance(data, dict) else ""


def is_archived(body: Mapping[str, Any]) -> bool:
    """Whether lists hide it."""
    return bool(properties_of(body).get("isArchived"))


def latest_of(versions: Sequence[Body]) -> Body:
    """What `@latest` means: the newest that is not archived, or the newest if all are."""
    return next((body for body in versions if not is_archived(body)), versions[0])
