"""The outputs tree of a job: its order, the folders in it, and where a download puts its files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.entities import Artifact
from services.errors import NotFoundError

NAMED = "named-outputs"
"""The folder of the tree in which the outputs are."""


def artifact_order(artifact: Artifact) -> tuple[tuple[int, str], ...]:
    """Sorts folders before files at each level, then by name."""
    parts = artifact.path.split("/")
    last = len(parts) - 1
    return tuple((0 if index < last or artifact.is_folder else 1, part) for index, part in enumerate(parts))


def with_folders(files: Iterable[Artifact]) -> list[Artifact]:
    """The files with the folders that they are in, in order; what is there twice stays as it came first."""
    found: dict[str, Artifact] = {}
    for artifact in files:
        found.setdefault(artifact.path, artifact)
        parts, uri = artifact.path.split("/"), artifact.uri
        for depth in range(len(parts) - 1, 0, -1):
            folder, uri = "/".join(parts[:depth]), uri.rpartition("/")[0]
            found.setdefault(folder, Artifact(folder, True, origin=artifact.origin, uri=uri))
    return sorted(found.values(), key=artifact_order)


def download_paths(
    tree: Iterable[Artifact], *, output_name: str = "", everything: bool = False
) -> Sequence[tuple[Artifact, str]]:
    """The files that a download takes, each with its path below the target, as `az ml job download` lays them out.

    Raises NotFoundError: there is no such output, or nothing is in it.
    """
    output = f"{NAMED}/{output_name}"
    wanted: list[tuple[Artifact, str]] = []
    for artifact in tree:
        if artifact.is_folder:
            continue
        named = artifact.path.startswith(f"{NAMED}/")
        if output_name:
            if artifact.path == output or artifact.path.startswith(f"{output}/"):
                wanted.append((artifact, artifact.path))
        elif not named or everything:
            wanted.append((artifact, artifact.path if named else f"artifacts/{artifact.path}"))
    if output_name and not wanted:
        raise NotFoundError(f"The job has no output {output_name}, or nothing is in it.")
    return wanted
