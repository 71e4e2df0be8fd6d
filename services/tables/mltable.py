"""Tables that an `MLTable` file describes, read as az ml reads them (schema http://azureml/sdk-2-0/MLTable.json).

What differs: az ml reads a column of 0 and 1 alone as bool, and cuts records of several lines in two unless
`support_multi_line` is set; here they are what pandas makes of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.errors import Fault, SpecError, UserError
from services.tables.background import Reporter
from services.tables.frames import Frame, frame_of
from services.tables.mltable_paths import FAULTY, PathFaultsError, partition_values, table_paths
from services.tables.mltable_steps import STEPS, Step, apply_step, step_faults

if TYPE_CHECKING:
    import polars

    from services.tables.remote_mltable import RemoteFiles
    from services.tables.table import Table

FILE = "MLTable"
_READERS = ("read_delimited", "read_parquet", "read_json_lines")
_PARTITIONS = "extract_columns_from_partition_format"
_NO_READER = f"must say how files are read: one of {', '.join(_READERS)}"
_NO_DELTA = "Delta tables can't be read here"
_KEYS = ("$schema", "type", "paths", "transformations", "metadata", "traits")
_HEADERS = ("all_files_same_headers", "all_files_different_headers", "from_first_file", "no_header")
_ENCODINGS = {
    "utf8": "utf-8", "utf-8": "utf-8", "utf8 bom": "utf-8-sig", "utf8bom": "utf-8-sig", "iso88591": "latin-1",
    "iso-8859-1": "latin-1", "latin1": "latin-1", "latin-1": "latin-1", "ascii": "ascii", "utf16": "utf-16",
    "utf-16": "utf-16", "windows1252": "cp1252", "windows-1252": "cp1252",
}  # fmt: skip
_SWITCHES = ("support_multi_line", "empty_as_string", "include_path_column")
_READER_OPTIONS = {
    "read_delimited": {
        *("delimiter", "header", "support_multi_line", "empty_as_string", "encoding", "include_path_column"),
        *("infer_column_types", "path_column", "partition_size"),
    },
    "read_parquet": {"include_path_column", "path_column"},
    "read_json_lines": {"invalid_lines", "encoding", "include_path_column", "path_column", "partition_size"},
}


@dataclass(frozen=True)
class MLTable:
    """A checked MLTable file.

    Attributes:
        reader: one of read_delimited, read_parquet, read_json_lines, with `options`.
        partition_format: of the paths, from which columns are made; empty for none.
        steps: all transformations, in their order.
    """

    paths: tuple[Mapping[str, str], ...]
    reader: str
    options: Mapping[str, Any]
    partition_format: str
    steps: tuple[Step, ...]

    def where(self, name: str) -> str:
        """The place in the file of a transformation."""
        return next(step.where for step in self.steps if step.name == name)


def open_mltable(folder: Path) -> Table:
    """The table that a folder's MLTable file describes. Raises SpecError with the path of each fault."""
    from services.tables.whole_table import WholeTable

    described = read_mltable(folder / FILE)
    holder = tempfile.TemporaryDirectory(prefix="lapis-table-", ignore_cleanup_errors=True)

    def make(reporter: Reporter) -> Frame:
        return make_frame(folder, described, Path(holder.name), reporter)

    return WholeTable(folder.name, "MLTable", holder, make, folder)


def read_mltable(path: Path) -> MLTable:
    """Check a file. Raises SpecError with the path of each fault, UserError: no YAML."""
    from services.specs.reading import load_document

    document = load_document(path)
    faults = [Fault(str(key), "is no field of an MLTable") for key in document if key not in _KEYS]
    if document.get("type", "mltable") != "mltable":
        faults.append(Fault("type", "must be mltable"))
    paths = document.get("paths")
    if not isinstance(paths, list) or not paths:
        faults.append(Fault("paths", "must be a list such as [{file: ./data.csv}]"))
        paths = []
    faults += [fault for number, entry in enumerate(paths) for fault in _path_faults(number, entry)]
    steps, step_problems = _steps(document.get("transformations") or [])
    faults += step_problems
    readers = [step for step in steps if step.name in _READERS]
    if not readers and not step_problems:
        faults.append(Fault("transformations", _NO_READER))
    if len(readers) > 1:
        faults.append(Fault(readers[1].where, "reads the files a second time: keep one reader"))
    if faults:
        raise SpecError(faults, title=FAULTY)
    partition = next((step.value for step in steps if step.name == _PARTITIONS), None) or {}
    return MLTable(
        tuple(paths),
        readers[0].name,
        readers[0].value or {},
        str(partition.get("partition_format", "")),
        tuple(steps),
    )


def registration_faults(folder: Path) -> list[Fault]:
    """What keeps anybody from reading the MLTable of a folder; blocking. What only Lapis can't read is none."""
    try:
        table_paths(folder, read_mltable(folder / FILE).paths, lambda _kind, _uri: [])
    except SpecError as error:
        return [fault for fault in error.faults if fault.message not in (_NO_READER, _NO_DELTA)]
    except PathFaultsError as error:
        return list(error.faults)
    except UserError as error:
        return [Fault("", error.detail)]
    return []


def _path_faults(number: int, entry: object) -> list[Fault]:
    where = f"paths[{number}]"
    if not isinstance(entry, dict) or len(entry) != 1 or not isinstance(next(iter(entry.values())), str):
        return [Fault(where, "must be one of {file: ...}, {folder: ...}, {pattern: ...}")]
    key = next(iter(entry))
    if key in ("file", "folder", "pattern"):
        return []
    alike = {"files": "file", "folders": "folder", "patterns": "pattern", "path": "file"}.get(str(key))
    return [Fault(f"{where}.{key}", "is no kind of path" + (f"; did you mean {alike}?" if alike else ""))]


def _steps(given: object) -> tuple[list[Step], list[Fault]]:
    if not isinstance(given, list):
        return [], [Fault("transformations", "must be a list")]
    steps: list[Step] = []
    faults: list[Fault] = []
    for number, entry in enumerate(given):
        where = f"transformations[{number}]"
        if isinstance(entry, str):
            name, value = entry, None
        elif isinstance(entry, dict) and len(entry) == 1:
            name, value = next(iter(entry.items()))
        else:
            faults.append(Fault(where, "must be a name, or a name with its options"))
            continue
        faults += _step_faults(f"{where}.{name}", str(name), value)
        steps.append(Step(f"{where}.{name}", str(name), value))
    return steps, faults


def _step_faults(where: str, name: str, value: Any) -> list[Fault]:
    if name == "read_delta_lake":
        return [Fault(where, _NO_DELTA)]
    if name in _READERS:
        return _reader_faults(where, name, value)
    if name == _PARTITIONS:
        is_right = isinstance(value, dict) and isinstance(value.get("partition_format"), str)
        return [] if is_right else [Fault(where, "needs a partition_format such as /{year}/{month}/data.csv")]
    if name not in STEPS:
        known = ", ".join((*_READERS, _PARTITIONS, *STEPS))
        return [Fault(where, f"is no transformation; there are {known}")]
    return step_faults(where, name, value)


def _reader_faults(where: str, name: str, value: Any) -> list[Fault]:
    if value is None:
        return []
    if not isinstance(value, dict):
        return [Fault(where, "must be options, such as {delimiter: ','}")]
    faults = [Fault(f"{where}.{key}", "is no option of it") for key in value if key not in _READER_OPTIONS[name]]
    if (header := value.get("header", _HEADERS[0])) not in _HEADERS:
        faults.append(Fault(f"{where}.header", f"must be one of {', '.join(_HEADERS)}, not {header}"))
    if (encoding := value.get("encoding", "utf8")) not in _ENCODINGS:
        faults.append(Fault(f"{where}.encoding", f"must be one of {', '.join(_ENCODINGS)}, not {encoding}"))
    faults += [
        Fault(f"{where}.{key}", f"must be true or false, not {value[key]}")
        for key in _SWITCHES
        if not isinstance(value.get(key, False), bool)
    ]
    if (invalid := value.get("invalid_lines", "error")) not in ("error", "drop"):
        faults.append(Fault(f"{where}.invalid_lines", f"must be error or drop, not {invalid}"))
    delimiter = value.get("delimiter", ",")
    if not isinstance(delimiter, str) or len(delimiter.encode()) != 1:
        faults.append(Fault(f"{where}.delimiter", "must be one character"))
    return faults


# ------------------------------------------------------------------------------------------------------------ reading


def make_frame(
    folder: Path, described: MLTable, space: Path, reporter: Reporter, elsewhere: RemoteFiles | None = None
) -> Frame:
    """The rows that an MLTable describes, whose parts lie in `space`; blocking. Raises ServiceError.

    Args:
        elsewhere: fetches files that are not on this machine; without it there can be none.
    """
    import polars

    space = Path(tempfile.mkdtemp(dir=space))  # a second try finds what a stopped one has left
    try:
        files = table_paths(folder, described.paths, elsewhere.find if elsewhere else None)
    except PathFaultsError as error:
        raise SpecError(error.faults, title=FAULTY) from error
    for step in described.steps:
        if step.name == "select_partitions":
            files = [files[number] for number in step.value if 0 <= number < len(files)]
    frames: list[polars.LazyFrame] = []
    notes: list[str] = []
    names: tuple[str, ...] = ()
    for number, path in enumerate(files):
        reporter.step(number, len(files))
        if elsewhere:
            elsewhere.fetch(path, reporter)
        frame = _file_frame(path, described, names, space / str(number), reporter)
        notes += [note if len(files) == 1 else f"{path.name}: {note}" for note in frame.notes]
        if described.options.get("header") == "from_first_file":
            names = names or tuple(frame.names)
        shown = elsewhere.shown(path, folder) if elsewhere else shown_path(path, folder)
        frames.append(_with_path_columns(frame.lazy, shown, described))
    lazy = polars.concat(frames, how="diagonal_relaxed") if frames else polars.LazyFrame()
    for step in described.steps:
        lazy = apply_step(lazy, step, reporter)
    found = frame_of(lazy, reporter, tuple(dict.fromkeys(notes)))
    reporter.step(len(files), len(files))
    return found


def _file_frame(path: Path, described: MLTable, names: Sequence[str], space: Path, reporter: Reporter) -> Frame:
    import polars

    from services.entities.tables import TableOptions
    from services.tables.opening import read_whole
    from services.tables.whole_table import scan_columnar

    options = described.options
    if described.reader == "read_parquet":
        with path.open("rb") as file:
            head = file.read(8)
        if not head.startswith(b"PAR1"):
            raise UserError(f"{path.name} is no Parquet file, which read_parquet needs.", title="That is no table")
        return scan_columnar(path, head, reporter)
    header = options.get("header", _HEADERS[0])
    infers = options.get("infer_column_types", True)
    text = TableOptions(
        separator=options.get("delimiter", ",") if described.reader == "read_delimited" else "",
        encoding=_ENCODINGS[options["encoding"]] if "encoding" in options else "",
        header=header != "no_header" and not names,
        names=tuple(names),
        infers=infers is not False,
        empty_is_missing=not options.get("empty_as_string", False),
        json_lines=described.reader == "read_json_lines",
    )
    space.mkdir()
    frame = read_whole(path, text, space, reporter)
    if options.get("invalid_lines") == "drop":  # a line that is no JSON is a row without values until here
        frame = replace(frame, lazy=frame.lazy.filter(~polars.all_horizontal(polars.all().is_null())))
    return frame


def shown_path(path: Path, folder: Path) -> str:
    """A file's path from the folder of the MLTable on, if it lies below it."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def _with_path_columns(lazy: polars.LazyFrame, shown: str, described: MLTable) -> polars.LazyFrame:
    import polars

    options = described.options
    if options.get("include_path_column") or options.get("path_column"):
        lazy = lazy.select(polars.lit(shown).alias(str(options.get("path_column") or "Path")), polars.all())
    if described.partition_format:
        values = partition_values(described.partition_format, "/" + shown)
        if values is None:
            fault = f"{described.partition_format} does not fit the path {shown}"
            raise SpecError([Fault(described.where(_PARTITIONS), fault)], title=FAULTY)
        lazy = lazy.with_columns(polars.lit(value).alias(name) for name, value in values.items())
    return lazy
