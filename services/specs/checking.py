"""What is wrong with a job beyond its types: found offline, each with its path.

The SDK lets most of this through; the service refuses it minutes later.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from services.errors import Fault
from services.specs.assets import EnvironmentSpec
from services.specs.command import CommandJob, JobInput, JobOutput
from services.specs.expressions import placeholders

_NAME = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}$")
_PORT_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_ASSET = re.compile(r"^azureml:(?!//)(?P<name>[^:@]+)(?:(?P<mark>[:@])(?P<version>.+))?$")
_LITERALS = {"string", "number", "integer", "boolean"}
_REMOTE = re.compile(r"^(azureml:|https?:|wasbs?:|abfss?:|adl:|runs:|models:)")
_SCRIPT = re.compile(r"^[\w./-]+\.(py|sh|R|ipynb)$")
_PYTHON = re.compile(r"(^|/)(python[\d.]*|bash|sh|Rscript)$")


def check_job(spec: CommandJob, base: Path) -> tuple[Fault, ...]:
    """Every fault of a command job that needs no service, errors first.

    Args:
        base: the folder that relative paths start from.
    """
    faults = [
        *_check_names(spec),
        *_check_command(spec, base),
        *_check_inputs(spec, base),
        *_check_outputs(spec),
        *_check_environment(spec, base),
    ]
    if spec.limits and spec.limits.timeout is not None and spec.limits.timeout <= 0:
        faults.append(Fault("limits.timeout", "expected a number of seconds above 0"))
    return tuple(sorted(faults, key=lambda fault: fault.severity != "error"))


def is_remote(path: str) -> bool:
    """Whether a path is a URI that no local file answers to."""
    return _REMOTE.match(path) is not None


def _check_names(spec: CommandJob) -> Iterator[Fault]:
    if spec.name is not None and not _NAME.match(spec.name):
        yield Fault("name", "expected 1 to 255 letters, digits, `-` and `_`, beginning with a letter or a digit")
    if spec.experiment_name is not None and not _NAME.match(spec.experiment_name):
        yield Fault("experiment_name", "expected 1 to 255 letters, digits, `-` and `_`, beginning with a letter or digit")
    for section, names in (("inputs", spec.inputs), ("outputs", spec.outputs)):
        for name in names:
            if not _PORT_NAME.match(name):
                yield Fault(f"{section}.{name}", "a name is letters, digits and `_`, and begins with no digit")


def _check_command(spec: CommandJob, base: Path) -> Iterator[Fault]:
    if not spec.command.strip():
        yield Fault("command", "the command is empty")
        return
    used: set[str] = set()
    defined = {f"inputs.{name}" for name in spec.inputs} | {f"outputs.{name}" for name in spec.outputs}
    for found in placeholders(spec.command):
        text = f"${{{{{found.key}}}}}"
        # an input may be a group: ${{inputs.group.name}}
        key = ".".join(found.key.split(".")[:2])
        used.add(key)
        if found.key.startswith("search_space."):
            yield Fault("command", f"{text} needs a sweep job; a command job has no search space")
        elif not found.is_wellformed or found.key.partition(".")[0] not in ("inputs", "outputs", "name"):
            yield Fault("command", f"{text} is no expression; expected ${{{{inputs.NAME}}}} or ${{{{outputs.NAME}}}}")
        elif found.key != "name" and key not in defined:
            section, _, name = key.partition(".")
            yield Fault("command", f"{text} is not defined; add `{name}` to `{section}`")
    for key in sorted(defined - used):
        if not (key.startswith("outputs.") and "AZUREML_OUTPUT" in spec.command):
            yield Fault(key, f"is never used; the command names no ${{{{{key}}}}}", "warning")
    yield from _check_code(spec, base)


def _check_code(spec: CommandJob, base: Path) -> Iterator[Fault]:
    scripts = _scripts(spec.command)
    if spec.code is None:
        for script in scripts:
            yield Fault("code", f"the command runs {script}, but no code folder is given")
        return
    if is_remote(spec.code):
        yield Fault("code", "only a local folder can be taken as code")
        return
    folder = base / Path(spec.code).expanduser()
    if not folder.exists():
        yield Fault("code", f"there is no folder {folder}")
        return
    for script in scripts:
        root = folder.parent if folder.is_file() else folder
        if not (root / script).is_file():
            yield Fault("command", f"{script} is not in the code folder {folder}")


def _scripts(command: str) -> list[str]:
    """The scripts that a command runs by an interpreter: `python src/train.py` gives src/train.py."""
    try:
        words = shlex.split(command.replace("\\\n", " "), comments=True)
    except ValueError:
        return []
    found = []
    if any(word == "cd" or word.startswith("git") for word in words):
        return []
    for before, word in zip(words, words[1:], strict=False):
        if _PYTHON.search(before) and _SCRIPT.match(word) and not word.startswith("/"):
            found.append(word)
    return found


def _check_inputs(spec: CommandJob, base: Path) -> Iterator[Fault]:
    for name, given in spec.inputs.items():
        at = f"inputs.{name}"
        if not isinstance(given, JobInput):
            continue
        if given.type in _LITERALS:
            yield from _check_literal(at, given)
            continue
        if given.value is not None:
            yield Fault(f"{at}.value", f"an input of type {given.type} has a path, not a value")
        if not given.path:
            yield Fault(f"{at}.path", "this field is required")
            continue
        yield from _check_path(f"{at}.path", given, base)


def _check_literal(at: str, given: JobInput) -> Iterator[Fault]:
    value = given.value if given.value is not None else given.path
    if value is None:
        yield Fault(f"{at}.value", "this field is required")
        return
    if given.mode is not None:
        yield Fault(f"{at}.mode", f"an input of type {given.type} has no mode")
    good = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
    }
    if not good[given.type]:
        yield Fault(f"{at}.value", f"expected a value of type {given.type}, got {value!r}")


def _check_path(at: str, given: JobInput, base: Path) -> Iterator[Fault]:
    path = given.path or ""
    if asset := _ASSET.match(path):
        if not asset["version"]:
            yield Fault(at, f"{path} has no version; write {path}@latest or {path}:1")
        return
    if is_remote(path):
        return
    local = base / Path(path).expanduser()
    if not local.exists():
        yield Fault(at, f"there is no file or folder {local}")
    elif given.type == "uri_file" and local.is_dir():
        yield Fault(at, f"{local} is a folder, but the type is uri_file; expected uri_folder")
    elif given.type in ("uri_folder", "mltable", "triton_model") and local.is_file():
        yield Fault(at, f"{local} is a file, but the type is {given.type}; expected " + (
            "uri_file" if given.type == "uri_folder" else "a folder"
        ))
    elif given.type == "mltable" and not (local / "MLTable").is_file():
        yield Fault(at, f"{local} holds no file named MLTable")
    elif given.type == "mlflow_model" and not (local / "MLmodel").is_file():
        yield Fault(at, f"{local} holds no file named MLmodel")


def _check_outputs(spec: CommandJob) -> Iterator[Fault]:
    for name, given in spec.outputs.items():
        path = given.path if isinstance(given, JobOutput) else given
        if path and not path.startswith("azureml://"):
            at = f"outputs.{name}.path" if isinstance(given, JobOutput) else f"outputs.{name}"
            yield Fault(at, "expected a datastore URI: azureml://datastores/NAME/paths/PATH")
        if isinstance(given, JobOutput) and given.version is not None and given.name is None:
            yield Fault(f"outputs.{name}.version", "a version needs the `name` of the asset")


def _check_environment(spec: CommandJob, base: Path) -> Iterator[Fault]:
    match spec.environment:
        case None:
            yield Fault("environment", "none is given; Azure requires one", "warning")
        case str() as text if not text.startswith("azureml:") and "/" not in text and ":" not in text:
            yield Fault("environment", f"expected azureml:{text}@latest or azureml:{text}:VERSION, got {text!r}")
        case str() as text if (asset := _ASSET.match(text)) and not asset["version"]:
            yield Fault("environment", f"{text} has no version; write {text}@latest")
        case EnvironmentSpec() as own:
            if own.image is None and own.conda_file is None and own.build is None:
                yield Fault("environment", "expected an image, a conda_file or a build")
            if isinstance(own.conda_file, str) and not (base / own.conda_file).is_file():
                yield Fault("environment.conda_file", f"there is no file {base / own.conda_file}")
