"""The files of a job: logs, code, and the outputs tree in which run artifacts, outputs and logged models meet."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from services.artifact_paths import artifact_order, download_paths
from services.downloads import check_target
from services.entities import Artifact, DownloadReport, LogChunk, LogFile
from services.errors import MachineError
from services.local.files import walk
from services.local.layout import Layout
from services.local.mlflow_store import NoStoreError, reading

Tree = Sequence[tuple[Artifact, Path]]


def logs(folder: Path) -> list[LogFile]:
    """The logs of a job, the user's first."""
    found = []
    for part in ("user_logs", "system_logs"):
        for path in sorted((folder / part).glob("*")):
            if path.is_file():
                found.append(LogFile(f"{part}/{path.name}", path.stat().st_size))  # noqa: PERF401
    return [log for log in found if log.size or log.path == "user_logs/std_log.txt"]


def read_range(path: Path, offset: int, limit: int) -> LogChunk:
    """At most `limit` bytes from `offset`; a negative one counts from the end."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        start = max(0, size + offset) if offset < 0 else offset
        file.seek(start)
        return LogChunk(start, file.read(max(0, limit)), size)


def tail(path: Path, limit: int) -> tuple[bytes, int]:
    """The last bytes of a file, and the number of the line that they begin in; nothing for a missing file."""
    try:
        with path.open("rb") as file:
            start = max(0, os.fstat(file.fileno()).st_size - limit)
            line, left = 1, start
            while left > 0 and (block := file.read(min(left, 1 << 20))):
                line += block.count(b"\n")
                left -= len(block)
            return file.read(limit), line
    except OSError:
        return b"", 1


def stamp(database: Path) -> object:
    """Changes whenever somebody writes to an SQLite database in WAL mode."""
    stamps = []
    for path in (database, database.with_name(f"{database.name}-wal")):
        try:
            status = path.stat()
            stamps.append((status.st_mtime_ns, status.st_size))
        except OSError:
            stamps.append((0, 0))
    return tuple(stamps)


def listing(folder: Path) -> list[tuple[str, int]]:
    """Path relative to the folder and bytes of each file in it, sorted."""
    return sorted((path, status.st_size) for path, status in walk(folder))


def logged_models(layout: Layout, run_id: str) -> list[tuple[str, str, Path]]:
    """Name, id and folder of the logged models of a run, which MLflow 3 keeps outside of the run's artifacts."""
    try:
        with reading(layout) as connection:
            rows = connection.execute(
                "SELECT name, model_id, artifact_location FROM logged_models"
                " WHERE source_run_id = ? AND lifecycle_stage = 'active' ORDER BY creation_timestamp_ms",
                (run_id,),
            ).fetchall()
    except NoStoreError:
        return []
    return [(row["name"], row["model_id"], Path(row["artifact_location"].removeprefix("file://"))) for row in rows]


def tree(job: str, run: Path, models: Sequence[tuple[str, str, Path]], outputs: Sequence[tuple[str, Path]]) -> Tree:
    """All that a job left: run artifacts as they are, models under `models/`, outputs under `named-outputs/`."""
    found: dict[str, tuple[Artifact, Path]] = {}
    base = f"azureml://jobs/{job}/outputs"
    _add(found, "", run, "run", f"{base}/artifacts/paths")
    for name, model_id, folder in models:
        path = f"models/{name}"
        if path in found:
            path = f"models/{name} {model_id}"
        _add(found, path, folder, "logged_model", f"models:/{model_id}", has_paths=False)
    for name, folder in outputs:
        _add(found, f"named-outputs/{name}", folder, "output", f"{base}/{name}")
    return sorted(found.values(), key=lambda pair: artifact_order(pair[0]))


def _add(
    found: dict[str, tuple[Artifact, Path]], prefix: str, root: Path, origin: str, uri: str, *, has_paths: bool = True
) -> None:
    if root.is_file():
        pairs = [(prefix, root, uri)]
    else:
        files = [path for path, _ in walk(root)]
        pairs = [(f"{prefix}/{f}".lstrip("/"), root / f, f"{uri}/{f}" if has_paths else uri) for f in files]
        if prefix and root.is_dir():
            found.setdefault(prefix, (Artifact(prefix, True, origin=origin, uri=uri), root))
    for path, place, address in pairs:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            inner = place.parents[len(parts) - depth - 1]
            found.setdefault(folder, (Artifact(folder, True, origin=origin, uri=address.rpartition("/")[0]), inner))
        found[path] = (Artifact(path, False, place.stat().st_size, origin, address), place)


def download(folder: Path, files: Tree, target: Path, *, output_name: str, everything: bool) -> DownloadReport:
    """Copy files of a tree into `target`, as `az ml job download` lays them out; never over a file that is there."""
    places = {artifact.path: place for artifact, place in files}
    paths = download_paths((artifact for artifact, _ in files), output_name=output_name, everything=everything)
    wanted = [(to, places[artifact.path]) for artifact, to in paths]
    if everything:
        wanted += [(f"artifacts/{log.path}", folder / log.path) for log in logs(folder)]
    return copy_files(wanted, target)


def copy_files(wanted: Sequence[tuple[str, Path]], target: Path, folder: str = "") -> DownloadReport:
    """Copy places to relative paths below `target/folder`.

    Raises ConflictError, before anything: a file is there already, or a link there leads out of `target`.
    """
    root = check_target((path for path, _ in wanted), target, folder)
    size = 0
    try:
        for path, place in wanted:
            to = root / path
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(place, to)
            size += to.stat().st_size
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MachineError(f"{root} can't be written: {error.strerror}.", advice="Choose another folder.") from error
    return DownloadReport(str(root), len(wanted), size)
