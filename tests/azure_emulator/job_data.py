"""The data of a job on its way: inputs and code from storage to the machine that runs it, outputs and results back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from services.local.files import walk
from services.specs.expressions import substitute
from services.uris import datastore_uri, parts_of
from tests.azure_emulator.arm import WorkspaceId
from tests.azure_emulator.run_history import run_folder
from tests.azure_emulator.storage import ARTIFACT_CONTAINER, Storage
from tests.azure_emulator.store import Resource, Store

_ASSET = re.compile(r"/(?P<kind>data|models)/(?P<name>[^/]+)/versions/(?P<version>[^/]+)$", re.IGNORECASE)
_SHORT_ASSET = re.compile(r"^azureml:(?P<name>[^:/@]+):(?P<version>[^:/@]+)$")
_JOB_OUTPUT = re.compile(r"^azureml://jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)(?:/paths/(?P<path>.*))?$")
_URI_OF_ASSET = {"data": "dataUri", "models": "modelUri"}


class DataError(Exception):
    """Data that a job needs is not there; the text says which, in a sentence."""


@dataclass(frozen=True)
class Place:
    """A blob, or the blobs below a folder."""

    container: str
    path: str


@dataclass
class Bound:
    """What a job's placeholders become, by their keys (`inputs.rate`), and where its outputs go."""

    values: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, tuple[Path, Place]] = field(default_factory=dict)


class JobData:
    """Moves the data of the jobs of a workspace. All methods block."""

    def __init__(self, store: Store, storage: Storage, workspace: WorkspaceId) -> None:
        self._store = store
        self._storage = storage
        self._workspace = workspace

    def place(self, uri: str) -> Place:
        """Where a URI leads: a datastore's, a storage address, an asset or another job's output. Raises DataError."""
        if found := _JOB_OUTPUT.match(uri):
            return self._output_place(found["job"], found["output"], found["path"] or "")
        if found := _ASSET.search(uri):
            return self._asset_place(found["kind"].lower(), found["name"], found["version"], uri)
        if found := _SHORT_ASSET.match(uri):
            return self._asset_place("data", found["name"], found["version"], uri)
        parts = parts_of(uri.replace(":443/", "/"))
        if parts is None:
            raise DataError(f"{uri} is no place in storage.")
        return Place(parts.container or self._container(parts.datastore), parts.path)

    def _container(self, datastore: str) -> str:
        found = self._store.get(f"{self._workspace}/datastores/{datastore}")
        if found is None or not found["properties"].get("containerName"):
            raise DataError(f"Datastore {datastore} has no container.")
        return str(found["properties"]["containerName"])

    def _asset_place(self, kind: str, name: str, version: str, uri: str) -> Place:
        found = self._store.get(f"{self._workspace}/{kind}/{name}/versions/{version}")
        if found is None:
            raise DataError(f"The asset {uri} was not found.")
        return self.place(found["properties"][_URI_OF_ASSET[kind]])

    def _output_place(self, job: str, output: str, path: str) -> Place:
        found = self._store.get(f"{self._workspace}/jobs/{job}")
        if output in ("artifacts", "default"):
            return Place(ARTIFACT_CONTAINER, f"{run_folder(job)}/{path}")
        if found is None or output not in found["properties"]["outputs"]:
            raise DataError(f"Job {job} has no output {output}.")
        whole = self.place(found["properties"]["outputs"][output]["uri"])
        return Place(whole.container, f"{whole.path.rstrip('/')}/{path}" if path else whole.path)

    def fetch(self, place: Place, folder: Path) -> Path:
        """Bring a file, or the files of a folder, into `folder`; returns where it is now. Raises DataError."""
        path = place.path.rstrip("/")
        found = self._storage.list_blobs(place.container, path)
        below = [blob for blob in found if blob.startswith(f"{path}/")]
        if not below and path not in found:
            raise DataError(f"There is nothing at {place.path} in the container {place.container}.")
        folder.mkdir(parents=True, exist_ok=True)
        if not below:
            target = folder / PurePosixPath(path).name
            target.write_bytes(self._storage.read_blob(place.container, path))
            return target
        for blob in below:
            target = folder / blob.removeprefix(f"{path}/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self._storage.read_blob(place.container, blob))
        return folder

    def fetch_code(self, job: Resource, folder: Path) -> None:
        """Bring the snapshot that a job runs in; a job may have none."""
        folder.mkdir(parents=True, exist_ok=True)
        code = job["properties"].get("codeId")
        if code:
            version = self._store.get(code.removeprefix("azureml:"))
            if version is None:
                raise DataError(f"The code {code} was not found.")
            self.fetch(self.place(version["properties"]["codeUri"]), folder)

    def put(self, path: Path, place: Place) -> None:
        """Take a file or a folder to storage; links that lead out of the folder are left behind."""
        if path.is_file():
            self._storage.write_blob(place.container, place.path.rstrip("/"), path.read_bytes())
            return
        for name, _ in walk(path):
            blob = f"{place.path.rstrip('/')}/{name}"
            self._storage.write_blob(place.container, blob, (path / name).read_bytes())

    def bind(self, job: Resource, folder: Path) -> Bound:
        """Bring all inputs of a job below `folder`, make room for its outputs there. Raises DataError."""
        name, properties = job["name"], job["properties"]
        bound = Bound({"name": name})
        # the Spark of a cluster reads data in storage directly; this machine's has no driver for that
        is_fetched = properties["jobType"] == "Spark"
        for key, given in (properties.get("inputs") or {}).items():
            bound.values[f"inputs.{key}"] = self._input(given, folder / "inputs" / key, is_fetched=is_fetched)
        for key, given in self._declared(properties):
            is_file = given["jobOutputType"] == "uri_file"
            known = {"name": name, "output_name": key, "default_datastore": "workspaceblobstore"}
            uri = given.get("uri") or datastore_uri(
                "workspaceblobstore", f"azureml/{name}/{key}{'' if is_file else '/'}"
            )
            given["uri"] = substitute(uri, known)
            local = folder / "outputs" / key
            (local.parent if is_file else local).mkdir(parents=True, exist_ok=True)
            bound.values[f"outputs.{key}"] = str(local)
            bound.outputs[key] = (local, self.place(given["uri"]))
        return bound

    def _input(self, given: Mapping[str, Any], folder: Path, *, is_fetched: bool) -> str:
        if given["jobInputType"] == "literal":
            return str(given["value"])
        if given.get("mode") == "Direct" and not is_fetched:
            return str(given["uri"])
        return str(self.fetch(self.place(given["uri"]), folder))

    @staticmethod
    def _declared(properties: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The outputs that the job's author named; the service adds `default`."""
        for key, given in (properties.get("outputs") or {}).items():
            if key != "default":
                yield key, given
