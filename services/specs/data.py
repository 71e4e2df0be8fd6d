"""What the files of a data asset must be for its type."""

from __future__ import annotations

from pathlib import Path

from services.errors import Fault
from services.specs.assets import DataSpec

PATTERN = "a pattern is no path: name the folder, or write the pattern into an MLTable file"


def data_path_faults(spec: DataSpec, source: Path) -> list[Fault]:
    """What is wrong with a place on this machine as the path of a data asset."""
    if not source.exists():
        hint = f"; {PATTERN}" if "*" in source.name else ""
        return [Fault("path", f"{source} does not exist{hint}")]
    if not (source.is_file() or source.is_dir()):
        return [Fault("path", f"{source} is neither a file nor a folder")]
    if spec.type == "uri_file" and source.is_dir():
        return [Fault("path", f"{source} is a folder; the type for that is uri_folder")]
    if spec.type != "uri_file" and source.is_file():
        return [Fault("path", f"{source} is a file; the type for that is uri_file")]
    if spec.type == "mltable" and not (source / "MLTable").is_file():
        return [Fault("path", f"{source} holds no file named MLTable, which the type mltable needs")]
    if spec.type == "mltable":
        from services.tables.mltable import registration_faults

        return [Fault("path", f"MLTable: {fault}") for fault in registration_faults(source)]
    return []
