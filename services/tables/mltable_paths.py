"""The files of an MLTable, and the columns that lie in their paths."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from services.errors import AccessError, Fault, UserError
from services.text import masked

FAULTY = "The MLTable file has faults"
"""The title of an error that names them."""
_PART = re.compile(r"\{(\w+)(?::([^{}]*))?\}")
_DATE = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_DATE_PARTS = re.compile("|".join(_DATE))


class PathFaultsError(Exception):
    """Paths that lead nowhere."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


def table_paths(
    folder: Path, paths: Sequence[Mapping[str, str]], find: Callable[[str, str], Sequence[Path]] | None = None
) -> list[Path]:
    """The files, in the order of the entries, those of a folder or a pattern by name. Raises PathFaultsError.

    Args:
        find: the files that a URI names, by the kind of its entry; raises ServiceError, PathFaultsError.
    """
    found: list[Path] = []
    faults: list[Fault] = []
    for number, entry in enumerate(paths):
        kind, given = next(iter(entry.items()))
        where = f"paths[{number}].{kind}"
        if is_uri(given):
            found += _elsewhere(where, kind, given, faults, find)
            continue
        if kind == "file":
            path = folder / given
            if path.is_file():
                found.append(path)
            elif "*" in given:
                faults.append(Fault(where, f"{given} is a pattern; use {{pattern: {given}}}"))
            else:
                faults.append(Fault(where, f"{given} is a folder" if path.is_dir() else f"there is no file {given}"))
            continue
        files = _files_of(folder, kind, given)
        if not files:
            faults.append(Fault(where, f"{given} holds no file" if kind == "folder" else f"no file matches {given}"))
        found += files
    if faults:
        raise PathFaultsError(faults)
    return found


def is_uri(path: str) -> bool:
    """Whether a path names a place that is no local path."""
    return re.match(r"[a-zA-Z][\w+.-]+:", path) is not None


def _elsewhere(
    where: str,
    kind: str,
    uri: str,
    faults: list[Fault],
    find: Callable[[str, str], Sequence[Path]] | None,
) -> Sequence[Path]:
    if find is None:
        faults.append(Fault(where, f"{masked(uri)} lies elsewhere; only files of this machine can be read"))
        return ()
    try:
        return find(kind, uri)
    except PathFaultsError as error:
        faults += [Fault(where, fault.message) for fault in error.faults]
    except (UserError, AccessError) as error:
        faults.append(Fault(where, error.detail))
    return ()


def _files_of(folder: Path, kind: str, given: str) -> list[Path]:
    if kind == "folder":
        place = folder / given
        return sorted(path for path in place.rglob("*") if path.is_file() and path.name != "MLTable")
    base = folder
    while given.startswith("../"):
        base, given = base.parent, given.removeprefix("../")
    pattern = given.removeprefix("./").strip("/")
    return sorted(path for path in base.glob(pattern) if path.is_file() and path.name != "MLTable") if pattern else []


def partition_values(format_: str, path: str) -> dict[str, str | datetime] | None:
    """The columns that a format finds in a path, which it must match to its end; None if it doesn't."""
    pattern, place = "", 0
    dates: dict[str, str] = {}
    for match in _PART.finditer(format_):
        pattern += _literal(format_[place : match.start()])
        name, date = match[1], match[2]
        if date:
            dates[name] = _DATE_PARTS.sub(lambda part: _DATE[part[0]], date)
            pattern += f"(?P<{name}>" + _DATE_PARTS.sub(lambda part: rf"\d{{{len(part[0])}}}", re.escape(date)) + ")"
        else:
            pattern += f"(?P<{name}>[^/]+)"
        place = match.end()
    pattern += _literal(format_[place:])
    try:
        found = re.search(pattern + r"\Z", path)
        if found is None:
            return None
        return {
            name: datetime.strptime(value, dates[name]) if name in dates else value
            for name, value in found.groupdict().items()
        }
    except (re.error, ValueError):
        return None


def _literal(text: str) -> str:
    return re.escape(text).replace(r"\*", "[^/]*")
