"""What is wrong with a job beyond its types: found offline, each with its path.

The SDK lets most of this through; the service refuses it minutes later.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterator
from dataclasses import fields, replace
from pathlib import Path

from services.errors import Fault
from services.specs.automl import AutoMLJob
from services.specs.automl_checks import automl_faults
from services.specs.command import CommandJob
from services.specs.common_checks import (
    check_code,
    check_environment,
    check_inputs,
    check_names,
    check_outputs,
    check_placeholders,
)
from services.specs.jobs import AnyJob
from services.specs.spark import SparkJob
from services.specs.spark_checks import spark_faults
from services.specs.sweep import SweepJob, Trial, trial_job
from services.specs.sweep_checks import sweep_faults

_SCRIPT = re.compile(r"^[\w./-]+\.(py|sh|R|ipynb)$")
_INTERPRETER = re.compile(r"(^|/)(python[\d.]*|bash|sh|Rscript)$")
_PART = re.compile(r"&&|\|\||;|\||\n")
_MAKES_FILES = {"cd", "git", "wget", "curl", "azcopy", "tar", "unzip", "cp", "mv", "ln", "tee", "source", ".", "pushd"}
"""Commands after which nobody can tell which scripts are there."""
_BEFORE = {"exec", "time", "nohup", "env", "sudo", "stdbuf", "-oL"}

_TRIAL = frozenset(field.name for field in fields(Trial))


def check_job(spec: AnyJob, base: Path) -> tuple[Fault, ...]:
    """Every fault of a job that needs no service, errors first.

    Args:
        base: the folder that relative paths start from.
    """
    faults = [*check_names(spec), *_of_type(spec, base)]
    return tuple(sorted(faults, key=lambda fault: fault.severity != "error"))


def _of_type(spec: AnyJob, base: Path) -> Iterator[Fault]:
    match spec:
        case SparkJob():
            yield from spark_faults(spec, base)
        case SweepJob():
            yield from sweep_faults(spec, base)
            yield from _trial_faults(spec, base)
        case AutoMLJob():
            yield from automl_faults(spec, base)
            yield from check_outputs(spec)
        case CommandJob():
            yield from _command_faults(spec, base)


def _trial_faults(spec: SweepJob, base: Path) -> Iterator[Fault]:
    """Those of the command job that each trial is, at their places in the sweep."""
    trial = replace(trial_job(spec), limits=None)
    for fault in _command_faults(trial, base, spec.search_space):
        section = fault.path.partition(".")[0]
        is_own = section in _TRIAL and (section != "resources" or spec.trial.resources is not None)
        yield replace(fault, path=f"trial.{fault.path}") if is_own else fault


def _command_faults(spec: CommandJob, base: Path, search_space: Collection[str] = ()) -> Iterator[Fault]:
    yield from _check_command(spec, search_space)
    yield from check_code(spec.code, base, _scripts(spec.command))
    yield from check_inputs(spec, base)
    yield from check_outputs(spec)
    yield from check_environment(spec, base)
    if spec.environment is None:
        yield Fault("environment", "none is given; Azure requires one", "warning")
    yield from _check_limits(spec)


def _check_limits(spec: CommandJob) -> Iterator[Fault]:
    if spec.limits and spec.limits.timeout is not None and spec.limits.timeout <= 0:
        yield Fault("limits.timeout", "expected a number of seconds above 0")
    if spec.resources:
        for field in ("instance_count", "max_instance_count"):
            count = getattr(spec.resources, field)
            if count is not None and count <= 0:
                yield Fault(f"resources.{field}", "expected a number above 0")


def _check_command(spec: CommandJob, search_space: Collection[str]) -> Iterator[Fault]:
    if not spec.command.strip():
        yield Fault("command", "the command is empty")
        return
    if "\0" in spec.command:
        yield Fault("command", "the command holds a NUL character")
    defined = {f"inputs.{name}" for name in spec.inputs} | {f"outputs.{name}" for name in spec.outputs}
    defined |= {f"search_space.{name}" for name in search_space}
    used: set[str] = set()
    texts = [("command", spec.command)]
    texts += [(f"environment_variables.{k}", v) for k, v in spec.environment_variables.items() if isinstance(v, str)]
    for at, text in texts:
        yield from check_placeholders(at, text, defined, used)
    for key in sorted(defined - used):
        # every input is also in the environment of the command, and every hyperparameter
        variable = f"AZURE_ML_{key.upper().replace('S.', '_', 1)}".replace("AZURE_ML_SEARCH_SPACE.", "AZUREML_SWEEP_")
        if variable not in spec.command.upper():
            yield Fault(key, f"is never used; the command names no ${{{{{key}}}}}", "warning")


def _scripts(command: str) -> list[str]:
    """The scripts of the code folder that a command runs by an interpreter: `python -u train.py` gives train.py."""
    found = []
    for part in _PART.split(command.replace("\\\n", " ")):
        try:
            words = shlex.split(part, comments=True)
        except ValueError:
            break
        while words and (words[0] in _BEFORE or re.match(r"^\w+=", words[0])):
            words.pop(0)
        if not words:
            continue
        if words[0] in _MAKES_FILES or ">" in part:
            break
        if _INTERPRETER.search(words[0]):
            script = next((word for word in words[1:] if not word.startswith("-") or word in ("-c", "-m")), "")
            if _SCRIPT.match(script) and not script.startswith("/"):
                found.append(script)
    return found
