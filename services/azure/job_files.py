"""The files of a job in Azure: logs by signed address, the outputs tree and the code by storage. Blocking calls."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from services.artifact_paths import NAMED, download_paths, with_folders
from services.asset_uris import datastore_path
from services.azure import job_mapping, transfer
from services.azure.connection import Connection
from services.azure.job_fields import ARTIFACTS
from services.azure.resources import Body, Resources, properties_of
from services.azure.run_history import RunHistory
from services.azure.storage import Storage
from services.azure.tracking import Runs
from services.downloads import check_target
from services.entities import Artifact, DownloadReport, FileEntry, LogChunk, LogFile
from services.errors import AccessError, NotFoundError, ServiceError, UserError
from services.storage.files import StoreFiles

if TYPE_CHECKING:
    from requests import Response

STD_LOG = "user_logs/std_log.txt"
LOG_FOLDERS = ("user_logs/", "system_logs/", "azureml-logs/", "logs/azureml/")
"""Folders of a run's artifacts that hold its logs."""
ADDRESS_SECONDS = 900.0
"""How long the signed address of a log is used before it is asked for again; it lives for an hour or more."""
_RUN_FOLDER = re.compile(r"^azureml://datastores/(?P<datastore>[^/]+)/(?:paths/)?(?P<path>.+)$")
_CODE = re.compile(
    r"/codes/(?P<name>[^/]+)/versions/(?P<version>[^/]+)$|^azureml:(?P<short>[^/:]+):(?P<number>[^/:]+)$"
)
_RANGE_END = re.compile(r"/(\d+)$")


@dataclass(frozen=True)
class Place:
    """A file or a folder in a datastore."""

    datastore: str
    path: str


class JobLogs:
    """The logs of jobs, by ranged reads of the addresses that run history signs."""

    def __init__(
        self, connection: Connection, history: RunHistory, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = connection.http
        self._history = history
        self._clock = clock
        self._addresses: dict[str, tuple[float, dict[str, str]]] = {}

    def files(self, name: str, run: Body | None = None) -> list[LogFile]:
        """The logs of a job and their sizes, the user's first; those with nothing in them are left out.

        Args:
            run: the details of its run, if somebody has just read them.
        """
        addresses = self._remember(name, self._history.details(name) if run is None else run)
        found = [LogFile(path, self._size(name, path)) for path in addresses]
        kept = [log for log in found if log.size or log.path == STD_LOG]
        return sorted(kept, key=lambda log: (log.path != STD_LOG, not log.path.startswith("user_logs/"), log.path))

    def read(self, name: str, file: str, offset: int, limit: int) -> LogChunk:
        """At most `limit` bytes from `offset`; a negative one counts from the end. Raises NotFoundError."""
        if offset < 0 or limit <= 0:
            size = self._size(name, file)
            offset = max(0, size + offset) if offset < 0 else offset
            if limit <= 0 or offset >= size:
                return LogChunk(offset, b"", size)
        wanted = f"bytes={offset}-{offset + limit - 1}"
        try:
            answer = self._send("GET", name, file, wanted)
        except UserError:
            size = self._size(name, file)
            if offset >= size:
                return LogChunk(offset, b"", size)  # past the end, which storage calls an error
            answer = self._send("GET", name, file, wanted)  # it has grown since
        whole = _RANGE_END.search(str(answer.headers.get("Content-Range", "")))
        data = answer.content if whole else answer.content[offset : offset + limit]
        return LogChunk(offset, data, int(whole[1]) if whole else len(answer.content))

    def tail(self, name: str, file: str, limit: int) -> LogChunk:
        """The last bytes of a log; nothing if there is no such log."""
        try:
            return self.read(name, file, -limit, limit)
        except NotFoundError:
            return LogChunk(0, b"", 0)

    def _size(self, name: str, file: str) -> int:
        return int(self._send("HEAD", name, file).headers.get("Content-Length") or 0)

    def _send(self, method: str, name: str, file: str, wanted: str = "") -> Response:
        headers = {"Accept-Encoding": "identity"} | ({"Range": wanted} if wanted else {})
        address = self._address(name, file)
        try:
            return self._http.send(method, address, headers=headers, signed=True)
        except AccessError:  # the signature has expired
            address = self._address(name, file, fresh=True)
            return self._http.send(method, address, headers=headers, signed=True)

    def _address(self, name: str, file: str, *, fresh: bool = False) -> str:
        at, known = self._addresses.get(name, (0.0, {}))
        if fresh or file not in known or self._clock() - at > ADDRESS_SECONDS:
            known = self._remember(name, self._history.details(name))
        if file not in known:
            raise NotFoundError(f"Job {name} has no log {file!r}.")
        return known[file]

    def _remember(self, name: str, run: Body) -> dict[str, str]:
        told = run.get("logFiles")
        known = {str(path): str(url) for path, url in told.items()} if isinstance(told, Mapping) else {}
        known = {path: url for path, url in known.items() if url.startswith("https://")}
        self._addresses[name] = (self._clock(), known)
        return known


class JobFiles:
    """What jobs left in storage, and the code that they ran.

    Args:
        cache: where the code of jobs that are cloned is copied to.
    """

    def __init__(self, connection: Connection, runs: Runs, logs: JobLogs, cache: Path) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._storage = Storage(connection)
        self._runs = runs
        self._logs = logs
        self._cache = cache
        self._code: dict[str, list[tuple[str, int]]] = {}

    def tree(self, body: Body) -> list[Artifact]:
        """The outputs tree of a job."""
        return with_folders(artifact for artifact, _ in self._files(body))

    def read(self, body: Body, path: str, limit: int) -> bytes:
        """The beginning of a file of the outputs tree. Raises NotFoundError."""
        name = str(body.get("name"))
        place = self._place_of(body, path)
        files = self._storage.open(place.datastore) if place else None
        if place is None or files is None or files.entry(place.path) is None:
            raise NotFoundError(f"Job {name} has no artifact {path!r}.")
        return files.read(place.path, 0, limit)

    def download(self, body: Body, target: Path, number: int, *, output_name: str, everything: bool) -> DownloadReport:
        """Fetch files of a job; `number` is the operation that is told of the bytes."""
        files = dict(self._files(body))
        places = {artifact.path: place for artifact, place in files.items()}
        wanted = [
            (places[artifact.path], artifact.size, to)
            for artifact, to in download_paths(files, output_name=output_name, everything=everything)
        ]
        if everything:
            run = _run_place(body)
            wanted += [
                (Place(run.datastore, f"{run.path}/{log.path}"), log.size, f"artifacts/{log.path}")
                for log in self._logs.files(str(body.get("name")))
            ]
        root = check_target((to for _, _, to in wanted), target)
        reports = []
        for datastore in sorted({place.datastore for place, _, _ in wanted}):
            of = [(FileEntry(p.path, False, size), to) for p, size, to in wanted if p.datastore == datastore]
            store = self._storage.open(datastore)
            reports.append(transfer.download(store, of, target, self._connection.operations, number))
        return DownloadReport(str(root), sum(r.files for r in reports), sum(r.size for r in reports))

    # --------------------------------------------------------------------------------------------------------- code

    def code(self, body: Body) -> list[tuple[str, int]]:
        """Path and bytes of each file of the code that ran; a code asset never changes."""
        if not (uri := self._code_uri(body)):
            return []
        if uri not in self._code:
            files, folder = self._code_place(uri)
            self._code[uri] = sorted((_below(entry.path, folder), entry.size) for entry in files.below(folder))
        return self._code[uri]

    def read_code(self, body: Body, path: str, limit: int) -> bytes:
        """The beginning of a file of the code. Raises NotFoundError."""
        if path not in dict(self.code(body)):
            raise NotFoundError(f"The code of job {body.get('name')} has no file {path!r}.")
        files, folder = self._code_place(self._code_uri(body))
        return files.read(f"{folder}/{path}" if folder else path, 0, limit)

    def fetch_code(self, body: Body, number: int) -> Path | None:
        """A copy of the code on this machine, for a clone; None for a job without code."""
        if not (found := self.code(body)):
            return None
        asset = _code_asset(body)
        target = self._cache / "code" / f"{asset[0]}-{asset[1]}"
        files, folder = self._code_place(self._code_uri(body))
        missing = [(path, size) for path, size in found if _size_of(target / path) != size]
        for path, _ in missing:
            (target / path).unlink(missing_ok=True)
        wanted = [(FileEntry(f"{folder}/{path}" if folder else path, False, size), path) for path, size in missing]
        transfer.download(files, wanted, target, self._connection.operations, number)
        return target

    def _code_uri(self, body: Body) -> str:
        name, version = _code_asset(body)
        if not name:
            return ""
        with suppress(NotFoundError):
            return str(properties_of(self._resources.get("codes", name, "versions", version)).get("codeUri") or "")
        return ""

    def _code_place(self, uri: str) -> tuple[StoreFiles, str]:
        """The container of a code asset, in the account of the default store, and the folder in it."""
        if known := datastore_path(uri):
            return self._storage.open(known.datastore), known.path.strip("/")
        container, _, path = unquote(urlsplit(uri).path).strip("/").partition("/")
        return self._storage.open("workspaceblobstore", container=container), path.strip("/")

    # ------------------------------------------------------------------------------------------------------ the tree

    def _files(self, body: Body) -> Iterator[tuple[Artifact, Place]]:
        """Every file that a job left, and the folder of each output, with its place."""
        name, run = str(body.get("name")), _run_place(body)
        base = f"azureml://jobs/{name}/outputs"
        store = self._storage.open(run.datastore)
        found = [(_below(entry.path, run.path), entry) for entry in store.below(run.path)]
        found = [(path, entry) for path, entry in found if not path.startswith(LOG_FOLDERS)]
        models = self._models(name) if any(path.startswith("models/") for path, _ in found) else {}
        for path, model in models.items():
            yield Artifact(path, True, 0, "logged_model", f"models:/{model}"), Place(run.datastore, run.path)
        for path, entry in found:
            model = next((m for folder, m in models.items() if path.startswith(f"{folder}/")), "")
            uri = f"models:/{model}" if model else f"{base}/artifacts/paths/{path}"
            origin = "logged_model" if model else "run"
            yield Artifact(path, False, entry.size, origin, uri), Place(run.datastore, entry.path)
        for output in job_mapping.outputs_of(body):
            yield from self._output(body, output, f"{base}/{output}")

    def _output(self, body: Body, output: str, base: str) -> Iterator[tuple[Artifact, Place]]:
        path, place = f"{NAMED}/{output}", _output_place(body, output)
        if place is None:
            return
        try:
            store = self._storage.open(place.datastore)
        except UserError:  # a datastore of a type that can't be browsed, or that was removed
            yield Artifact(path, True, 0, "output", base), place
            return
        below = list(store.below(place.path))
        if not below and (entry := store.entry(place.path)):
            yield Artifact(path, False, entry.size, "output", base), Place(place.datastore, entry.path)
            return
        if below:
            yield Artifact(path, True, 0, "output", base), place
        for entry in below:
            inner = _below(entry.path, place.path)
            yield (
                Artifact(f"{path}/{inner}", False, entry.size, "output", f"{base}/{inner}"),
                Place(place.datastore, entry.path),
            )

    def _models(self, name: str) -> Mapping[str, str]:
        """Logged models by their folder; a job without a run has none."""
        try:
            return self._runs.logged_models(self._runs.get(name))
        except ServiceError:
            return {}

    def _place_of(self, body: Body, path: str) -> Place | None:
        parts = path.split("/")
        if any(part in ("", ".", "..") or not part.isprintable() for part in parts) or path.startswith(LOG_FOLDERS):
            return None
        if parts[0] != NAMED:
            run = _run_place(body)
            return Place(run.datastore, f"{run.path}/{path}")
        place = _output_place(body, parts[1]) if len(parts) > 1 else None
        return Place(place.datastore, "/".join([place.path, *parts[2:]])) if place else None


def _run_place(body: Body) -> Place:
    """Where the artifacts of a job's run are."""
    found = _RUN_FOLDER.match(job_mapping.output_uri(body, ARTIFACTS))
    if found and "/paths/azureml/" not in found[0]:  # which is where outputs go whose place nobody has named
        return Place(found["datastore"], found["path"].strip("/"))
    return Place("workspaceartifactstore", f"ExperimentRun/dcid.{body.get('name')}")


def _output_place(body: Body, output: str) -> Place | None:
    found = datastore_path(job_mapping.output_uri(body, output))
    return Place(found.datastore, found.path.strip("/")) if found else None


def _code_asset(body: Body) -> tuple[str, str]:
    """Name and version of the code of a job; empty if it has none."""
    properties = properties_of(body)
    trial = properties.get("trial")
    code = properties.get("codeId") or (trial.get("codeId") if isinstance(trial, dict) else "")
    found = _CODE.search(str(code or ""))
    return (found["name"] or found["short"], found["version"] or found["number"]) if found else ("", "")


def _below(path: str, folder: str) -> str:
    return path.removeprefix(f"{folder}/") if folder else path


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
