"""What two jobs differ in: differences first, then what is the same."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from services.entities import Job, Port, RunData
from services.text import REDACTED, is_secret_name, masked

SECTIONS = ("params", "metrics", "tags", "git", "environment", "inputs", "outputs", "command", "compute", "code")
"""The sections of a comparison, in their order."""

_LITERALS = {"string", "number", "integer", "boolean", ""}
_VARIABLE = "variable "
"""Before the name of an environment variable, in the section of the environment."""
_VERSION = re.compile(r"^azureml:(?!//)(?P<name>[^:@]+)[:@](?P<version>.+)$")
_GIT = {
    "commit": ("mlflow.source.git.commit", "azureml.git.commit"),
    "branch": ("mlflow.source.git.branch", "azureml.git.branch"),
    "repository": ("mlflow.source.git.repoURL", "azureml.git.repository_uri"),
    "dirty": ("azureml.git.dirty",),
}


@dataclass(frozen=True)
class Difference:
    """One thing that two jobs have, in each of them.

    Attributes:
        section: one of SECTIONS.
        key: the name in the section: a param, a metric, `commit`, an input.
        left: as text without secrets, and `right`; None where that job lacks it. Metrics have all their digits.
        delta: right - left, for two numbers (also nan when one of them is); None for anything else.
        relative: delta as a share of left (0.05 is 5 %); None without a delta or when left is 0.
        same: whether both say the same; nan is the same as nan. Two secrets that a service hides are the same.
    """

    section: str
    key: str
    left: str | None
    right: str | None
    delta: float | None = None
    relative: float | None = None
    same: bool = False


def compare(left: tuple[Job, RunData], right: tuple[Job, RunData]) -> tuple[Difference, ...]:
    """Compare two jobs with what they logged: all differences by section and key, then all that is the same."""
    found = [
        *_texts("params", left[1].params, right[1].params),
        *_metrics(left[1].metrics, right[1].metrics),
        *_texts("tags", _tags(*left), _tags(*right)),
        *_texts("git", _git(*left), _git(*right)),
        *_texts("environment", _environment(left[0]), _environment(right[0])),
        *_texts("inputs", _ports(left[0].inputs), _ports(right[0].inputs)),
        *_texts("outputs", _outputs(left[0]), _outputs(right[0])),
        *_texts("command", _known({"command": left[0].command}), _known({"command": right[0].command})),
        *_texts("compute", _compute(left[0]), _compute(right[0])),
        *_texts("code", _known({"folder": left[0].code}), _known({"folder": right[0].code})),
    ]
    return tuple(sorted(map(_guarded, found), key=lambda d: (d.same, SECTIONS.index(d.section), d.key)))


def _guarded(found: Difference) -> Difference:
    """The same without secrets, after the comparison: two passwords that differ are told to differ."""
    is_variable = found.section == "environment" and found.key.startswith(_VARIABLE)
    hidden = is_variable and is_secret_name(found.key.removeprefix(_VARIABLE))
    left, right = (value and (REDACTED if hidden else masked(value)) for value in (found.left, found.right))
    return replace(found, left=left, right=right)


def _known(texts: Mapping[str, str]) -> dict[str, str]:
    """Without those that are empty, which means that there are none."""
    return {key: value for key, value in texts.items() if value}


def _texts(section: str, left: Mapping[str, str], right: Mapping[str, str]) -> Iterator[Difference]:
    """Compare texts; where both are numbers, as numbers: a param 0.10 is a param 0.1."""
    for key in left.keys() | right.keys():
        a, b = left.get(key), right.get(key)
        x, y = (_number(a), _number(b)) if section in ("params", "inputs") else (None, None)
        if x is not None and y is not None:
            yield _numbers(section, key, (a, b), x, y)
        else:
            yield Difference(section, key, a, b, same=a == b)


def _metrics(left: Mapping[str, float], right: Mapping[str, float]) -> Iterator[Difference]:
    for key in left.keys() | right.keys():
        x, y = left.get(key), right.get(key)
        a, b = (None if v is None else number_text(v) for v in (x, y))
        if x is not None and y is not None:
            yield _numbers("metrics", key, (a, b), x, y)
        else:
            yield Difference("metrics", key, a, b)


def _numbers(section: str, key: str, texts: tuple[str | None, str | None], x: float, y: float) -> Difference:
    a, b = texts
    if x == y or (math.isnan(x) and math.isnan(y)):
        return Difference(section, key, a, b, 0.0, 0.0, same=True)
    delta = y - x
    relative = delta / abs(x) if x != 0 and math.isfinite(x) and math.isfinite(y) else None
    return Difference(section, key, a, b, delta, relative)


def number_text(value: float) -> str:
    """A metric as text with all its digits; whole numbers without a point."""
    if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def _number(text: str | None) -> float | None:
    try:
        number = None if text is None else float(text)
    except ValueError:
        return None
    # two seeds of 64 bits may differ and be the same float
    return None if number is not None and number.is_integer() and abs(number) > 2**53 else number


def _tags(job: Job, run: RunData) -> dict[str, str]:
    """The tags that people set, on the job or on its run; those of MLflow itself are in other sections."""
    own = {key: value for key, value in run.tags.items() if not key.startswith(("mlflow.", "azureml.", "lapis."))}
    return {**own, **job.summary.tags}


def _git(job: Job, run: RunData) -> dict[str, str]:
    known = {**run.tags, **job.properties}
    return _known({name: next((known[key] for key in keys if known.get(key)), "") for name, keys in _GIT.items()})


def _environment(job: Job) -> dict[str, str]:
    variables = {f"{_VARIABLE}{name}": value for name, value in job.environment_variables.items()}
    return _known({"environment": job.environment}) | variables


def _ports(ports: tuple[Port, ...]) -> dict[str, str]:
    """Each input or output as text; a data asset is shown with its version, which `azureml:name@latest` hides."""
    texts = {}
    for port in ports:
        texts[port.name] = port.value
        if port.type not in _LITERALS:
            if port.mode:
                texts[f"{port.name} (mode)"] = port.mode
            asked, got = _VERSION.match(port.value), _VERSION.match(port.resolved)
            if asked and got and asked["name"] == got["name"]:
                texts[port.name] = port.resolved
    return texts


def _outputs(job: Job) -> dict[str, str]:
    """Outputs as texts, in which the job's own name is the placeholder that it came from: else no two are the same."""
    return {
        key: "/".join("${{name}}" if part == job.name else part for part in value.split("/"))
        for key, value in _ports(job.outputs).items()
    }


def _compute(job: Job) -> dict[str, str]:
    return _known({"compute": job.summary.compute, "timeout": "" if job.timeout is None else f"{job.timeout:g} s"})
