"""The submit form as plain texts, and its way to a CommandJob and back. No Textual in here.

A field that nobody touched keeps the very value of the job that the form was filled from, and so does what the form
doesn't show (resources, distribution, identity, services ...): filling in and submitting changes nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from screens.pairs import pairs_text, read_pairs
from screens.submit.rows import PortRow, input_of, input_row, output_of, output_row
from services.errors import Fault
from services.specs.assets import EnvironmentSpec
from services.specs.command import CommandJob, JobLimits, JobResources
from services.specs.expressions import placeholders

DEFAULT_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04"
"""The base image that Azure's documentation puts beside a conda file, which can't stand alone."""


@dataclass(frozen=True)
class Form:
    """All texts of the form. `tags` and `environment_variables` hold a `key=value` a line."""

    code: str = ""
    command: str = ""
    inputs: tuple[PortRow, ...] = ()
    outputs: tuple[PortRow, ...] = ()
    environment: str = ""
    compute: str = ""
    instance_type: str = ""
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
    "instance_type",
    "display_name",
    "experiment_name",
    "name",
    "description",
    "tags",
    "environment_variables",
    "timeout",
)
FIELD_KEYS = {"timeout": "limits", "instance_type": "resources.instance_type"}
"""The field of a text where it is called otherwise: by its path in the YAML."""
EMPTY_JOB = CommandJob(command="")


def form_of(spec: CommandJob) -> Form:
    """The texts that a job is shown as."""
    return Form(
        code=spec.code or "",
        command=spec.command,
        inputs=tuple(input_row(name, given) for name, given in spec.inputs.items()),
        outputs=tuple(output_row(name, given) for name, given in spec.outputs.items()),
        environment=_environment_text(spec.environment),
        compute=spec.compute or "",
        instance_type=(spec.resources.instance_type if spec.resources else None) or "",
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
    if form.instance_type != was.instance_type:
        resources = replace(base.resources or JobResources(), instance_type=form.instance_type.strip() or None)
        changes["resources"] = resources if resources != JobResources() else None
    if form.timeout != was.timeout:
        seconds = read_timeout(form.timeout)
        if form.timeout.strip() and seconds is None:
            faults.append(Fault("limits.timeout", "expected seconds, or a time such as 90m or 1h30m"))
        changes["limits"] = JobLimits(seconds) if seconds is not None else None
    changes["inputs"] = {row.name.strip(): input_of(row, base.inputs.get(row.name.strip())) for row in inputs}
    changes["outputs"] = {
        row.name.strip(): output_of(row, base.outputs.get(row.name.strip()), row.name.strip() in base.outputs)
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
