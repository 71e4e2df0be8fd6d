"""The resources that the emulator holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import RLock
from typing import Any

Resource = dict[str, Any]
FINAL_STATUSES = frozenset({"Completed", "Failed", "Canceled", "NotResponding"})


class Store:
    """Resources as ARM's JSON, by lower-cased id and in order of creation.

    The server's thread and the test's both use it: each method is atomic, and `locked` makes several steps one.
    Resources are handed out themselves, not copies, so that a change to one is a change to the store.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._resources: dict[str, Resource] = {}
        self._collections: dict[str, dict[str, Resource]] = {}
        self._newest: dict[str, list[Resource]] = {}
        """What `newest` answered, until the collection changes."""
        self._transitions: dict[str, list[tuple[str, datetime]]] = {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else reads or writes meanwhile."""
        with self._lock:
            yield

    def clear(self) -> None:
        """Holds nothing from now on."""
        with self._lock:
            self._resources.clear()
            self._collections.clear()
            self._newest.clear()
            self._transitions.clear()

    def put(self, resource: Resource) -> Resource:
        """Keeps a resource under its `id`, in place of one that has the id already."""
        key = _key(resource["id"])
        with self._lock:
            self._resources[key] = resource
            collection = key.rpartition("/")[0]
            self._collections.setdefault(collection, {})[key] = resource
            self._newest.pop(collection, None)
            status = resource.get("properties", {}).get("status")
            if status is not None:
                self._note(key, status)
        return resource

    def get(self, arm_id: str) -> Resource | None:
        """The resource of that id, however its case is spelt."""
        with self._lock:
            return self._resources.get(_key(arm_id))

    def __getitem__(self, arm_id: str) -> Resource:
        with self._lock:
            return self._resources[_key(arm_id)]

    def __contains__(self, arm_id: str) -> bool:
        return self.get(arm_id) is not None

    def remove(self, arm_id: str) -> None:
        """Forgets a resource and all that lies under it."""
        key = _key(arm_id)
        with self._lock:
            for gone in [other for other in self._resources if other == key or other.startswith(f"{key}/")]:
                del self._resources[gone]
                self._transitions.pop(gone, None)
                collection = gone.rpartition("/")[0]
                self._collections.get(collection, {}).pop(gone, None)
                self._newest.pop(collection, None)

    def children(self, collection: str) -> list[Resource]:
        """The resources right under a path such as `{workspace}/jobs`, oldest first."""
        with self._lock:
            return list(self._collections.get(_key(collection), {}).values())

    def newest(self, collection: str) -> Sequence[Resource]:
        """The resources right under a path, those that were created last before the others; not to be changed."""
        key = _key(collection)
        with self._lock:
            if key not in self._newest:
                found = self._collections.get(key, {}).values()
                self._newest[key] = sorted(found, key=lambda one: str(one["systemData"]["createdAt"]), reverse=True)
            return self._newest[key]

    def of_type(self, kind: str) -> list[Resource]:
        """All resources of an ARM type, oldest first."""
        with self._lock:
            return [found for found in self._resources.values() if found["type"].lower() == kind.lower()]

    def set_status(self, job_id: str, status: str, **properties: Any) -> None:
        """Moves a job on; a job that has ended stays as it is. KeyError where there is no such job."""
        with self._lock:
            job = self[job_id]["properties"]
            if job["status"] in FINAL_STATUSES:
                return
            job.update(properties, status=status)
            self._note(_key(job_id), status)

    def transitions(self, job_id: str) -> list[tuple[str, datetime]]:
        """Each status that a job has had, with the moment at which it got it."""
        with self._lock:
            return list(self._transitions.get(_key(job_id), []))

    def set_transitions(self, job_id: str, transitions: list[tuple[str, datetime]]) -> None:
        """Gives a job a past, which seeded jobs have."""
        with self._lock:
            self._transitions[_key(job_id)] = transitions

    def _note(self, key: str, status: str) -> None:
        past = self._transitions.setdefault(key, [])
        if not past or past[-1][0] != status:
            past.append((status, datetime.now(UTC)))


def _key(arm_id: str) -> str:
    return arm_id.rstrip("/").lower()
