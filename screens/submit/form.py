"""The submit form as plain texts, and its way to a CommandJob and back. No Textual in here.

A field that nobody touched keeps the very value of the job that the form was filled from, and so does what the form
doesn't show (resources, distribution, identity, services ...): filling in and submitting changes nothing by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from services.errors import Fault
from services.specs.assets import EnvironmentSpec
from services.specs.command import (
    CommandJob,
    InputMode,
    InputType,
    JobInput,
    JobLimits,
    JobOutput,
    OutputMode,
    OutputType,
)
from services.specs.expressions import placeholders

INPUT_TYPES: tuple[str, ...] = get_args(InputType)
OUTPUT_TYPES: tuple[str, ...] = get_args(OutputType)
INPUT_MODES: tuple[str, ...] = ("", *get_args(InputMode))
OUTPUT_MODES: tuple[str, ...] = ("", *get_args(OutputMode))
"""The empty mode is the default of the service: ro_mount for inputs, rw_mount for outputs."""
LITERAL_TYPES = ("string", "number", "integer", "boolean")
DEFAULT_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
"""The base image that Azure's documentation puts beside a conda file, which can't stand alone."""


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


@dataclass(frozen=True)
class Form:
    """All texts of the form. `tags` and `environment_variables` hold a `key=value` a line."""

    code: str = ""
    command: str = ""
    inputs: tuple[PortRow, ...] = ()
    outputs: tuple[PortRow, ...] = ()
    environment: str = ""
    compute: str = ""
    display_name: str = ""
    experiment_name: str = ""
    name: str = ""
    description: str = ""
    tags: str = ""
    environment_variables: str = ""
    timeout: str = ""


TEXT_FIELDS = (
    "code",
    "environment",
    "compute",
    "display_name",
    "experiment_name",
    "name",
    "description",
    "tags",
    "environment_variables",
    "timeout",
)
EMPTY_JOB = CommandJob(command="")


def form_of(spec: CommandJob) -> Form:
    """The texts that a job is shown as."""
    return Form(
        code=spec.code or "",
        command=spec.command,
        inputs=tuple(_input_row(name, given) for name, given in spec.inputs.items()),
        outputs=tuple(_output_row(name, given) for name, given in spec.outputs.items()),
        environment=_environment_text(spec.environment),
        compute=spec.compute or "",
        display_name=spec.display_name or "",
        experiment_name=spec.experiment_name or "",
        name=spec.name or "",
        description=spec.description or "",
        tags=pairs_text(spec.tags),
        environment_variables=pairs_text(spec.environment_variables),
        timeout=timeout_text(spec.limits.timeout) if spec.limits and spec.limits.timeout is not None else "",
    )


def job_of(form: Form, base: CommandJob = EMPTY_JOB) -> tuple[CommandJob, tuple[Fault, ...]]:
    """The job that the texts mean, and what of them means nothing; each fault has the path of its field.

    Args:
        base: the job that the form was filled from.
    """
    was = form_of(base)
    faults: list[Fault] = []
    inputs = _ports("inputs", form.inputs, faults)
    outputs = _ports("outputs", form.outputs, faults)
    changes: dict[str, Any] = {}
    for field in ("code", "compute", "display_name", "experiment_name", "name", "description"):
        text: str = getattr(form, field)
        if text != getattr(was, field):
            changes[field] = (text if field == "description" else text.strip()) or None
    if form.environment != was.environment:
        changes["environment"] = _environment(form.environment.strip(), base.environment)
    if form.command != was.command:
        changes["command"] = form.command
    for field in ("tags", "environment_variables"):
        pairs, wrong = read_pairs(getattr(form, field), getattr(base, field))
        faults += [Fault(field, message) for message in wrong]
        changes[field] = pairs
    if form.timeout != was.timeout:
        seconds = read_timeout(form.timeout)
        if form.timeout.strip() and seconds is None:
            faults.append(Fault("limits.timeout", "expected seconds, or a time such as 90m or 1h30m"))
        changes["limits"] = JobLimits(seconds) if seconds is not None else None
    changes["inputs"] = {row.name.strip(): _input(row, base.inputs.get(row.name.strip())) for row in inputs}
    changes["outputs"] = {
        row.name.strip(): _output(row, base.outputs.get(row.name.strip()), row.name.strip() in base.outputs)
        for row in outputs
    }
    return replace(base, **changes), tuple(faults)


def _ports(section: str, rows: Sequence[PortRow], faults: list[Fault]) -> list[PortRow]:
    """The rows that are ports: named, the first of each name."""
    found: dict[str, PortRow] = {}
    for number, row in enumerate(rows, 1):
        name = row.name.strip()
        if row.is_empty:
            continue
        if not name:
            faults.append(Fault(f"{section}.#{number}", "needs a name"))
        elif name in found:
            faults.append(Fault(f"{section}.#{number}", f"the name {name} is taken by another row"))
        else:
            found[name] = row
    return list(found.values())


# inputs and outputs


def _input_row(name: str, given: JobInput | str | float | bool) -> PortRow:
    if not isinstance(given, JobInput):
        kind = {bool: "boolean", int: "integer", float: "number"}.get(type(given), "string")
        return PortRow(name, kind, scalar_text(given))
    value = given.value if given.type in LITERAL_TYPES and given.value is not None else given.path
    return PortRow(name, given.type, scalar_text(value), given.mode or "")


def _input(row: PortRow, was: JobInput | str | float | bool | None) -> JobInput | str | float | bool:
    row = replace(row, name=row.name.strip())
    if was is not None and _input_row(row.name, was) == row:
        return was
    old = was if isinstance(was, JobInput) else JobInput()
    text = row.value.strip()
    if row.type not in LITERAL_TYPES:
        return replace(old, type=row.type, path=text or None, mode=row.mode or None, value=None)
    value = _literal(row.type, row.value)
    plain = old.description is None and not row.mode and value is not None and _fits(row.type, value)
    if plain:
        return value  # type: ignore[return-value] # not None
    return replace(old, type=row.type, path=None, mode=row.mode or None, value=value)


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


def _output_row(name: str, given: JobOutput | str | None) -> PortRow:
    if isinstance(given, JobOutput):
        return PortRow(name, given.type, given.path or "", given.mode or "")
    return PortRow(name, "uri_folder", given or "")


def _output(row: PortRow, was: JobOutput | str | None, existed: bool) -> JobOutput | str | None:
    row = replace(row, name=row.name.strip())
    if existed and _output_row(row.name, was) == row:
        return was
    old = was if isinstance(was, JobOutput) else JobOutput()
    return replace(old, type=row.type, path=row.value.strip() or None, mode=row.mode or None)  # type: ignore[arg-type]


def missing_inputs(form: Form) -> list[str]:
    """The inputs that the command names and no row defines, in its order."""
    return _missing("inputs", form.command, form.inputs)


def missing_outputs(form: Form) -> list[str]:
    """The outputs that the command names and no row defines, in its order."""
    return _missing("outputs", form.command, form.outputs)


def _missing(section: str, command: str, rows: Iterable[PortRow]) -> list[str]:
    defined = {row.name.strip() for row in rows}
    named = [p.key.split(".")[1] for p in placeholders(command) if p.is_wellformed and p.key.startswith(f"{section}.")]
    return [name for name in dict.fromkeys(named) if name not in defined]


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
    try:
        float(text)
    except ValueError:
        pass
    else:
        return "number"
    if is_folder is not None:
        return "uri_folder" if is_folder else "uri_file"
    if text.startswith(("azureml:", "http:", "https:", "abfss:", "wasbs:")):
        return ""
    return "string" if "/" not in text else ""


# the environment: `azureml:NAME@latest`, a docker image, or the path of a conda file


def _environment_text(given: str | EnvironmentSpec | None) -> str:
    if not isinstance(given, EnvironmentSpec):
        return given or ""
    if isinstance(given.conda_file, str):
        return given.conda_file
    if given.conda_file is None and given.image and given.build is None:
        return given.image
    parts = [given.image or ("build" if given.build else ""), "own conda file" if given.conda_file else ""]
    return f"as in the job: {', '.join(part for part in parts if part)}"


def _environment(text: str, was: str | EnvironmentSpec | None) -> str | EnvironmentSpec | None:
    if not text:
        return None
    if text.startswith("azureml:"):
        return text
    if text.endswith((".yml", ".yaml")):
        if isinstance(was, EnvironmentSpec):
            return replace(was, conda_file=text)
        return EnvironmentSpec(image=DEFAULT_IMAGE, conda_file=text)
    return EnvironmentSpec(image=text) if "/" in text else text


# tags and variables: `key=value` a line


def scalar_text(value: str | float | bool | None) -> str:
    """A value as YAML writes it; None is the empty text."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def pairs_text(pairs: Mapping[str, str | float | bool | None]) -> str:
    """A line a pair; a value that a line can't hold is written as a JSON string."""
    lines = []
    for key, value in pairs.items():
        text = scalar_text(value)
        awkward = text != text.strip() or text.startswith('"') or len(text.splitlines()) > 1
        lines.append(f"{key}={json.dumps(text, ensure_ascii=False)}" if awkward else f"{key}={text}")
    return "\n".join(lines)


def read_pairs(
    text: str, was: Mapping[str, str | int | float | bool | None]
) -> tuple[dict[str, Any], list[str]]:
    """The pairs of a text, and what is wrong with it. A pair that reads as before keeps its value, an int an int."""
    pairs: dict[str, Any] = {}
    wrong: list[str] = []
    for line in text.split("\n"):
        if not line.strip():
            continue
        key, separator, value = (part.strip() for part in line.partition("="))
        if not separator or not key:
            wrong.append(f"expected key=value, got {line.strip()!r}")
            continue
        if key in pairs:
            wrong.append(f"{key} stands twice")
            continue
        if value.startswith('"'):
            try:
                decoded = json.loads(value)
                value = decoded if isinstance(decoded, str) else value
            except ValueError:
                wrong.append(f"{key} has a quote that is never closed")
        pairs[key] = was[key] if key in was and scalar_text(was[key]) == value else value
    return pairs, wrong


# the time limit

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def read_timeout(text: str) -> int | None:
    """Seconds of `3600`, `90m`, `1h 30m`; None for anything else."""
    text = text.strip().lower()
    if text.isascii() and text.isdigit():
        return int(text)
    parts = re.findall(r"(\d+)\s*([smhd])", text)
    if not parts or re.sub(r"\d+\s*[smhd]|\s", "", text):
        return None
    return sum(int(number) * _UNITS[unit] for number, unit in parts)


def timeout_text(seconds: int) -> str:
    """Seconds as they are typed: 5400 is `1h30m`."""
    if seconds <= 0:
        return str(seconds)
    text = ""
    for unit in "dhms":
        count, seconds = divmod(seconds, _UNITS[unit])
        text += f"{count}{unit}" if count else ""
    return text
