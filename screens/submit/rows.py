"""A row of the form and the input or output that it means."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, get_args

from screens.pairs import scalar_text
from services.specs.command import InputMode, InputType, JobInput, JobOutput, OutputMode, OutputType

INPUT_TYPES: tuple[str, ...] = get_args(InputType)
OUTPUT_TYPES: tuple[str, ...] = get_args(OutputType)
INPUT_MODES: tuple[str, ...] = ("", *get_args(InputMode))
OUTPUT_MODES: tuple[str, ...] = ("", *get_args(OutputMode))
"""The empty mode is the default of the service: ro_mount for inputs, rw_mount for outputs."""
LITERAL_TYPES = ("string", "number", "integer", "boolean")


@dataclass(frozen=True)
class PortRow:
    """An input or an output as it is typed.

    Attributes:
        value: the path or URI of data and models, the text of a literal.
        mode: empty for the default, and for literals.
    """

    name: str = ""
    type: str = "uri_file"
    value: str = ""
    mode: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed: such a row is no port."""
        return not (self.name.strip() or self.value.strip())


def input_row(name: str, given: JobInput | str | float | bool) -> PortRow:
    """An input as it is typed."""
    if not isinstance(given, JobInput):
        kind = {bool: "boolean", int: "integer", float: "number"}.get(type(given), "string")
        return PortRow(name, kind, scalar_text(given))
    value = given.value if given.type in LITERAL_TYPES and given.value is not None else given.path
    return PortRow(name, given.type, scalar_text(value), given.mode or "")


def input_of(row: PortRow, was: JobInput | str | float | bool | None) -> JobInput | str | float | bool:
    """The input that a row means; `was` itself if the row reads as before."""
    row = replace(row, name=row.name.strip())
    if was is not None and input_row(row.name, was) == row:
        return was
    old = was if isinstance(was, JobInput) else JobInput()
    text = row.value.strip()
    if row.type not in LITERAL_TYPES:
        return replace(old, **_typed(row), path=text or None, value=None)
    value = _literal(row.type, row.value)
    plain = old.description is None and not row.mode and value is not None and _fits(row.type, value)
    if plain:
        return value  # type: ignore[return-value] # not None
    return replace(old, **_typed(row), path=None, value=value)


def _typed(row: PortRow) -> dict[str, Any]:
    return {"type": row.type, "mode": row.mode or None}


def _literal(kind: str, text: str) -> str | int | float | bool | None:
    """The value of a text; the text itself where it has no value of that type, for the check to name."""
    stripped = text.strip()
    if kind == "string":
        return text
    if kind == "boolean":
        return {"true": True, "false": False}.get(stripped.lower(), stripped or None)
    try:
        return int(stripped)
    except ValueError:
        pass
    if kind == "number":
        try:
            return float(stripped)
        except ValueError:
            pass
    return stripped or None


def _fits(kind: str, value: str | float | bool) -> bool:
    """Whether a bare literal of YAML is read back as that type."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return {
        "string": isinstance(value, str) and value != "",
        "boolean": isinstance(value, bool),
        "integer": is_number and isinstance(value, int),
        "number": is_number and isinstance(value, float),
    }[kind]


def output_row(name: str, given: JobOutput | str | None) -> PortRow:
    """An output as it is typed."""
    if isinstance(given, JobOutput):
        return PortRow(name, given.type, given.path or "", given.mode or "")
    return PortRow(name, "uri_folder", given or "")


def output_of(row: PortRow, was: JobOutput | str | None, existed: bool) -> JobOutput | str | None:
    """The output that a row means; `was` itself if it `existed` and the row reads as before."""
    row = replace(row, name=row.name.strip())
    if existed and output_row(row.name, was) == row:
        return was
    old = was if isinstance(was, JobOutput) else JobOutput()
    return replace(old, **_typed(row), path=row.value.strip() or None)


def guessed_type(text: str, is_folder: bool | None) -> str:
    """The type that a value most likely has; empty when it tells nothing.

    Args:
        is_folder: whether the path is a folder, a file, or (None) nothing that exists here.
    """
    text = text.strip()
    if not text:
        return ""
    if text.lower() in ("true", "false"):
        return "boolean"
    if re.fullmatch(r"[+-]?\d+", text):
        return "integer"
    if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
        return "number"
    if is_folder is not None:
        return "uri_folder" if is_folder else "uri_file"
    if text.startswith(("azureml:", "http:", "https:", "abfss:", "wasbs:")):
        return ""
    return "string" if "/" not in text else ""
