"""What is checked of jobs of every type: names, expressions, inputs, outputs, environment."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from services.errors import Fault
from services.specs.assets import EnvironmentSpec
from services.specs.command import LITERAL_TYPES, CommandJob, JobInput, JobOutput
from services.specs.expressions import placeholders
from services.specs.jobs import AnyJob
from services.specs.spark import JobSpec
from services.specs.sweep import SweepJob

_NAME = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}$")
_NAME_RULE = "expected 1 to 255 letters, digits, `-` and `_`, beginning with a letter or a digit"
_PORT_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_VARIABLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_ASSET = re.compile(r"^azureml:(?!//)(?P<name>[^:@]+)(?:(?P<mark>[:@])(?P<version>.+))?$")
_REMOTE = re.compile(r"^(azureml:|https?:|wasbs?:|abfss?:|adl:|runs:|models:)")


def is_remote(path: str) -> bool:
    """Whether a path is a URI that no local file answers to."""
    return _REMOTE.match(path) is not None


def local_path(base: Path, path: str) -> Path:
    """A path of a spec as a path of this machine; `~` is the home folder."""
    try:
        return base / Path(path).expanduser()
    except RuntimeError:  # `~somebody`, and there is nobody of that name
        return base / path


def kind_of(path: Path) -> str:
    """`folder`, `file`, or nothing; nothing also where the name is too long or nobody may look."""
    try:
        return "folder" if path.is_dir() else "file" if path.exists() else ""
    except OSError:
        return ""


def check_code(code: str | None, base: Path, scripts: Sequence[str], at: str = "command") -> Iterator[Fault]:
    """The code folder, and the scripts in it that the job runs; what is missing of these is a fault at `at`."""
    if code is None:
        for script in scripts:
            yield Fault("code", f"the {at} runs {script}, but no code folder is given")
        return
    if is_remote(code) or code.startswith("git+"):
        yield Fault("code", "only a local folder can be taken as code")
        return
    folder = local_path(base, code)
    if not (kind := kind_of(folder)):
        yield Fault("code", f"there is no folder {folder}")
        return
    root = folder.parent if kind == "file" else folder
    for script in scripts:
        if kind_of(root / script) != "file":
            near = near_name(root / script)
            hint = f"; did you mean {near}?" if near else ""
            yield Fault(at, f"{script} is not in the code folder {folder}{hint}")


def near_name(path: Path) -> str:
    """The name in the same folder that is most like that of a path; empty if none is."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ""
    return next(iter(difflib.get_close_matches(path.name, names, n=1, cutoff=0.75)), "")


def check_names(spec: AnyJob) -> Iterator[Fault]:
    """The name of the job and of its experiment, inputs, outputs and variables."""
    for field in ("name", "experiment_name"):
        value = getattr(spec, field)
        if value is not None and not _NAME.match(value):
            yield Fault(field, _NAME_RULE)
    for section, names in (("inputs", spec.inputs), ("outputs", spec.outputs)):
        for name in names:
            if not _PORT_NAME.match(name):
                yield Fault(f"{section}.{name}", "a name is letters, digits and `_`, and begins with no digit")
    variables = spec.trial if isinstance(spec, SweepJob) else spec
    at = "trial.environment_variables" if isinstance(spec, SweepJob) else "environment_variables"
    for name in getattr(variables, "environment_variables", ()):
        if not _VARIABLE.match(name):
            yield Fault(f"{at}.{name}", "the name of a variable is letters, digits and `_`")


def check_placeholders(at: str, text: str, defined: set[str], used: set[str]) -> Iterator[Fault]:
    """The expressions of a text, each of which must be one of `defined`; what is named is added to `used`."""
    for found in placeholders(text):
        shown = f"${{{{{found.key}}}}}"
        section, _, rest = found.key.partition(".")
        name = rest.partition(".")[0]
        # an input may be a group: ${{inputs.group.name}}
        key = f"{section}.{name}"
        used.add(key)
        if (
            not found.is_wellformed
            or section not in ("inputs", "outputs", "name", "search_space")
            or (bool(name) == (section == "name"))
        ):
            yield Fault(at, f"{shown} is no expression; expected ${{{{inputs.NAME}}}} or ${{{{outputs.NAME}}}}")
        elif section == "search_space" and not any(known.startswith("search_space.") for known in defined):
            yield Fault(at, f"{shown} needs a sweep job; a command job has no search space")
        elif name and key not in defined:
            near = [other for other in (f"search_space.{name}", f"inputs.{name}") if other in defined]
            near += difflib.get_close_matches(key, sorted(defined), n=1, cutoff=0.75)
            hint = f"did you mean ${{{{{near[0]}}}}}?" if near else f"add `{name}` to `{section}`"
            yield Fault(at, f"{shown} is not defined; {hint}")


def check_inputs(spec: JobSpec, base: Path) -> Iterator[Fault]:
    """Types, modes, values and paths."""
    for name, given in spec.inputs.items():
        at = f"inputs.{name}"
        if isinstance(given, JobInput):
            yield from check_input(at, given, base)
        elif isinstance(given, str) and _REMOTE.match(given):
            hint = f"is passed on as text; for the data itself write `path: {given}` with a `type`"
            yield Fault(at, hint, "warning")


def check_input(at: str, given: JobInput, base: Path) -> Iterator[Fault]:
    """Type, mode, value and path of an input that stands at `at`."""
    if given.type in LITERAL_TYPES:
        yield from _check_literal(at, given)
        return
    if given.value is not None:
        yield Fault(f"{at}.value", f"an input of type {given.type} has a path, not a value")
    if given.mode in ("eval_mount", "eval_download") and given.type != "mltable":
        yield Fault(f"{at}.mode", f"{given.mode} is for the type mltable; {given.type} takes ro_mount or download")
    if given.path:
        yield from _check_path(f"{at}.path", given.type, given.path, base)
    elif given.value is None:
        yield Fault(f"{at}.path", "this field is required")


def _check_literal(at: str, given: JobInput) -> Iterator[Fault]:
    if given.mode is not None:
        yield Fault(f"{at}.mode", f"an input of type {given.type} has no mode")
    # az ml takes the literal of `path` as well
    where, value = ("value", given.value) if given.value is not None or given.path is None else ("path", given.path)
    if value is None:
        yield Fault(f"{at}.value", "this field is required")
        return
    good = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
    }
    if not good[given.type]:
        shown = str(value).lower() if isinstance(value, bool) else repr(value)
        yield Fault(f"{at}.{where}", f"expected a value of type {given.type}, got {shown}")


def _check_path(at: str, kind: str, path: str, base: Path) -> Iterator[Fault]:
    if asset := _ASSET.match(path):
        if not asset["version"]:
            yield Fault(at, f"{path} has no version; write {path}@latest or {path}:1")
        return
    if is_remote(path):
        return
    local = local_path(base, path.removeprefix("file://"))
    if not (found := kind_of(local)):
        near = near_name(local)
        yield Fault(at, f"there is no file or folder {local}" + (f"; did you mean {near}?" if near else ""))
    elif kind == "uri_file" and found == "folder":
        yield Fault(at, f"{local} is a folder, but the type is uri_file; expected uri_folder")
    elif kind in ("uri_folder", "mltable", "triton_model") and found == "file":
        expected = "uri_file" if kind == "uri_folder" else "a folder"
        yield Fault(at, f"{local} is a file, but the type is {kind}; expected {expected}")
    elif kind == "mltable" and kind_of(local / "MLTable") != "file":
        yield Fault(at, f"{local} holds no file named MLTable")
    elif kind == "mlflow_model" and kind_of(local / "MLmodel") != "file":
        yield Fault(at, f"{local} holds no file named MLmodel")


def check_outputs(spec: AnyJob) -> Iterator[Fault]:
    """Places, names and modes."""
    for name, given in spec.outputs.items():
        path = given.path if isinstance(given, JobOutput) else given
        if path and not re.match(r"^(azureml://|wasbs?://|abfss?://|adl://)", path):
            at = f"outputs.{name}.path" if isinstance(given, JobOutput) else f"outputs.{name}"
            yield Fault(at, "expected a datastore URI: azureml://datastores/NAME/paths/PATH")
        if not isinstance(given, JobOutput):
            continue
        if given.version is not None and given.name is None:
            yield Fault(f"outputs.{name}.version", "a version needs the `name` of the asset")
        if given.mode == "direct" and given.type != "mltable" and isinstance(spec, CommandJob):
            yield Fault(
                f"outputs.{name}.mode", "direct is for the type mltable; expected rw_mount or upload", "warning"
            )


def check_environment(spec: JobSpec, base: Path) -> Iterator[Fault]:
    """How it is named, or what it is made of."""
    match spec.environment:
        case str() as text if not text.startswith("azureml:") and "/" not in text and ":" not in text:
            yield Fault("environment", f"expected azureml:{text}@latest or azureml:{text}:VERSION, got {text!r}")
        case str() as text if (asset := _ASSET.match(text)) and not asset["version"]:
            yield Fault("environment", f"{text} has no version; write {text}@latest")
        case EnvironmentSpec() as own:
            yield from _check_own_environment(own, base)


def _check_own_environment(own: EnvironmentSpec, base: Path) -> Iterator[Fault]:
    if own.image is None and own.conda_file is None and own.build is None:
        yield Fault("environment", "expected an image, a conda_file or a build")
    if own.build is not None:
        if own.image is not None or own.conda_file is not None:
            yield Fault("environment.build", "a build goes without image and conda_file")
        path = own.build.get("path")
        if isinstance(path, str) and not is_remote(path) and kind_of(local_path(base, path)) != "folder":
            yield Fault("environment.build.path", f"there is no folder {local_path(base, path)}")
    elif own.conda_file is not None and own.image is None:
        yield Fault("environment.image", "Azure requires an image beside the conda_file", "warning")
    if isinstance(own.conda_file, str) and kind_of(local_path(base, own.conda_file)) != "file":
        yield Fault("environment.conda_file", f"there is no file {local_path(base, own.conda_file)}")
