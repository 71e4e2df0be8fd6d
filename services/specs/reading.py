"""Read az ml YAML: every fault at once, each with its path.

The dataclasses of this package are the schema; pydantic checks a document against them (imported inside, ADR 1).
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from services.errors import Fault, SpecError
from services.specs.assets import ComputeSpec, DataSpec, EnvironmentSpec, ModelSpec
from services.specs.automl import AutoMLJob
from services.specs.automl import canonical as canonical_automl
from services.specs.command import CommandJob
from services.specs.datastores import DatastoreSpec
from services.specs.jobs import AnyJob
from services.specs.spark import SparkJob
from services.specs.sweep import SweepJob
from services.specs.sweep import canonical as canonical_sweep

MAX_BYTES = 2_000_000
"""A longer document is no job specification."""
MAX_DEPTH = 100
"""How deep values may stand in each other; pydantic's JSON parser gives up at 200."""
MAX_NODES = 100_000
"""Values in a document with its aliases written out: a few lines of aliases of aliases can mean billions."""

_SCHEMAS = {
    CommandJob: "commandJob",
    SparkJob: "sparkJob",
    SweepJob: "sweepJob",
    DataSpec: "data",
    ModelSpec: "model",
    EnvironmentSpec: "environment",
}
_JOB_SCHEMAS = {
    "commandjob": "command",
    "sweepjob": "sweep",
    "pipelinejob": "pipeline",
    "sparkjob": "spark",
    "parallelcomponent": "parallel",
    "importjob": "import",
}
_JOB_FIELDS = {"command": "command", "trial": "sweep", "jobs": "pipeline", "task": "automl", "entry": "spark"}
_OTHER_JOBS = ("pipeline", "import", "parallel", "finetuning", "distillation")
_ASSETS = {
    **dict.fromkeys(("uri_file", "uri_folder", "mltable"), "data asset"),
    **dict.fromkeys(("custom_model", "mlflow_model", "triton_model"), "model"),
    **dict.fromkeys(("amlcompute", "computeinstance", "virtualmachine", "kubernetes", "synapsespark"), "compute"),
    **dict.fromkeys(("azure_blob", "azure_file", "azure_data_lake_gen2", "one_lake", "local"), "datastore"),
}
_SCALARS = {"str": "text", "int": "an integer", "float": "a number", "bool": "true or false"}
_KINDS = {
    **_SCALARS,
    "string": "text",
    "mapping": "a mapping",
    "dict": "a mapping",
    "dataclass": "a mapping",
    "list": "a list",
}

T = TypeVar("T")


def load_document(path: Path) -> dict[str, Any]:
    """Read a YAML file as plain data. Raises SpecError: missing, not YAML (with the line), not a mapping, too long."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except IsADirectoryError as error:
        raise SpecError([Fault("", f"{path} is a folder, not a YAML file")]) from error
    except FileNotFoundError as error:
        raise SpecError([Fault("", f"there is no file {path}")]) from error
    except OSError as error:
        raise SpecError([Fault("", f"{path} can't be read: {error.strerror}")]) from error
    except ValueError as error:  # a NUL character
        raise SpecError([Fault("", f"{str(path)!r} is no path")]) from error
    if len(raw) > MAX_BYTES:
        raise SpecError([Fault("", f"{path} is too long; a specification has at most {MAX_BYTES:,} bytes")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError([Fault("", f"{path} is not UTF-8 text (byte {error.start})")]) from error
    return parse_document(text)


def parse_document(text: str) -> dict[str, Any]:
    """Read YAML text as plain data. Raises SpecError."""
    import yaml

    try:
        # a safe loader, that refuses doubled keys as well
        document = yaml.load(text, Loader=_loader())  # noqa: S506
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise SpecError([Fault("", where + _problem(error))], title="That is not valid YAML") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SpecError([Fault("", " ".join(str(error).split()))], title="That is not valid YAML") from error
    except (LookupError, AttributeError) as error:  # PyYAML lets out what `!!bool x` and `!!timestamp x` run into
        fault = Fault("", "a value with a tag such as !!bool or !!timestamp is not of that type")
        raise SpecError([fault], title="That is not valid YAML") from error
    if not isinstance(document, dict):
        found = "nothing" if document is None else _kind_of(document)
        raise SpecError([Fault("", f"expected a mapping of fields such as `command:`, got {found}")])
    _check_size(document)
    return document


def _problem(error: Any) -> str:
    problem = error.problem or str(error)
    if "could not determine a constructor" in problem:
        tag = problem.rpartition(" ")[2].strip("'").replace("tag:yaml.org,2002:", "!!")
        return f"the tag {tag} is not allowed; a specification holds plain data only"
    return f"{error.context}, {problem}" if error.context and not problem.startswith("the key") else problem


def _check_size(document: Any) -> None:
    """Refuse what aliases blow up, also endlessly, bytes and sets, and keys that YAML does not read as text or numbers.

    Such keys are `on`, `yes`, `~` and `2024-01-01`.
    """
    count = 0
    faults: list[Fault] = []
    stack: list[tuple[str, Any, int]] = [("", document, 0)]
    while stack:
        at, value, depth = stack.pop()
        count += 1
        if count > MAX_NODES:
            raise SpecError([Fault("", f"the document holds more than {MAX_NODES:,} values; look at its aliases")])
        if depth > MAX_DEPTH:
            raise SpecError([Fault("", f"the document is more than {MAX_DEPTH} levels deep; look at its aliases")])
        if isinstance(value, dict):
            stack += [(f"{at}.{key}"[:200] if at else str(key), item, depth + 1) for key, item in value.items()]
            odd = [key for key in value if isinstance(key, bool) or not isinstance(key, str | int | float)]
            faults += [Fault(at, f"the key {_key_shown(key)} is not text; put it in quotes") for key in odd]
        elif isinstance(value, list):
            stack += [(at, item, depth + 1) for item in value]
        elif isinstance(value, bytes | set):
            faults.append(Fault(at, "expected text, a number, a list or a mapping, got !!binary or !!set"))
    if faults:
        raise SpecError(faults)


def _key_shown(key: Any) -> str:
    return "~" if key is None else str(key).lower()


@cache
def _loader() -> Any:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc]
        """Safe, and a key that stands twice is an error: PyYAML would keep the last one silently."""

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            seen: set[Any] = set()
            for key_node, _ in node.value:
                key = getattr(key_node, "value", None)
                if isinstance(key, str) and key != "<<":
                    if key in seen:
                        raise yaml.MarkedYAMLError(
                            problem=f"the key `{key}` stands twice", problem_mark=key_node.start_mark
                        )
                    seen.add(key)
            result: dict[Any, Any] = super().construct_mapping(node, deep=deep)
            return result

    return Loader


def read_job_file(path: Path, overrides: Sequence[str] = ()) -> AnyJob:
    """The job in a file; relative paths in it start from the file's folder. Raises SpecError."""
    return read_job(load_document(path), overrides)


def read_job(document: Mapping[str, Any], overrides: Sequence[str] = ()) -> AnyJob:
    """The job in a document. Raises SpecError, also for pipelines and other kinds of job that can't be submitted."""
    kind = _job_type(document)
    if kind in _OTHER_JOBS:
        message = (
            f"this version of Lapis can't submit a job of type {kind}; it submits command, sweep, automl and spark jobs"
        )
        raise SpecError([Fault("type", message)])
    if kind in _ASSETS:
        raise SpecError([Fault("type", f"{kind} is the type of a {_ASSETS[kind]}, not of a job")])
    if kind == "spark":
        return _read(SparkJob, document, overrides)
    if kind == "sweep":
        return _read(SweepJob, document, overrides, canonical_sweep)
    if kind == "automl":
        return _read(AutoMLJob, document, overrides, canonical_automl)
    return _read(CommandJob, document, overrides)


def _job_type(document: Mapping[str, Any]) -> str:
    """The type that a job says, that its schema says, or that its fields tell."""
    if isinstance(kind := document.get("type"), str):
        return kind
    schema = str(document.get("$schema", "")).rpartition("/")[2].partition(".")[0].lower()
    if "command" not in document and schema.startswith("automl"):
        return "automl"
    if "command" not in document and schema in _JOB_SCHEMAS:
        return _JOB_SCHEMAS[schema]
    return next((kind for field, kind in _JOB_FIELDS.items() if field in document), "command")


def read_data(document: Mapping[str, Any], overrides: Sequence[str] = ()) -> DataSpec:
    """The data asset in a document. Raises SpecError."""
    return _read(DataSpec, document, overrides)


def read_model(document: Mapping[str, Any], overrides: Sequence[str] = ()) -> ModelSpec:
    """The model in a document. Raises SpecError."""
    return _read(ModelSpec, document, overrides)


def read_environment(document: Mapping[str, Any], overrides: Sequence[str] = ()) -> EnvironmentSpec:
    """The environment in a document. Raises SpecError."""
    return _read(EnvironmentSpec, document, overrides)


def read_compute(document: Mapping[str, Any], overrides: Sequence[str] = ()) -> ComputeSpec:
    """The compute in a document. Raises SpecError."""
    return _read(ComputeSpec, document, overrides)


def read_datastore(document: Mapping[str, Any], overrides: Sequence[str] = ()) -> DatastoreSpec:
    """The datastore in a document. Raises SpecError."""
    return _read(DatastoreSpec, document, overrides)


def _read(
    spec: type[T],
    document: Mapping[str, Any],
    overrides: Sequence[str],
    canonical: Callable[[Mapping[str, Any]], dict[str, Any]] = dict,
) -> T:
    """A document as a spec.

    Args:
        canonical: gives the names in a document their usual form before it is checked.
    """
    changed, faults = apply_overrides(document, overrides)
    changed = canonical(changed)
    schema = changed.pop("$schema", None)
    expected = _SCHEMAS.get(spec)
    if schema is not None and not isinstance(schema, str):
        faults.append(Fault("$schema", f"expected text, got {_shown(schema)}"))
    elif schema and expected and schema.rpartition("/")[2].partition(".")[0].lower() != expected.lower():
        faults.append(Fault("$schema", f"{schema} is not the schema of this kind; expected {expected}.schema.json"))
    # a section with nothing in it, such as `inputs:` alone, is a section that isn't there
    changed = {name: value for name, value in changed.items() if value is not None}
    try:
        result = checked(spec, changed)
    except SpecError as error:
        raise SpecError([*faults, *error.faults]) from error
    if faults:
        raise SpecError(faults)
    return result


def checked(schema: type[T], document: Mapping[str, Any]) -> T:
    """Plain data as the dataclass that is its schema. Raises SpecError."""
    from pydantic import ValidationError

    try:
        # JSON mode, because pydantic's strict mode takes a dataclass from a mapping only there
        result: T = _adapter(schema).validate_json(json.dumps(document, default=str), strict=True)
    except ValidationError as error:
        faults = _faults(schema, document, error.errors(include_url=False, include_context=True))
        raise SpecError(faults) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise SpecError([Fault("", f"the document can't be read: {error}")]) from error
    return result


_ADAPTERS: dict[type, Any] = {}


def _adapter(spec: type) -> Any:
    from pydantic import TypeAdapter

    if spec not in _ADAPTERS:
        _ADAPTERS[spec] = TypeAdapter(spec)
    return _ADAPTERS[spec]


def _faults(spec: type, document: Mapping[str, Any], errors: Sequence[Any]) -> list[Fault]:
    """Pydantic's errors as faults: one a place, the branches of a union folded into it."""
    places: dict[tuple[str, ...], list[tuple[tuple[str, ...], Any]]] = {}
    noise: dict[tuple[str, ...], list[tuple[tuple[str, ...], Any]]] = {}
    for error in errors:
        path, tags = _place(document, error["loc"])
        value = _value(document, path)
        # a mapping is no scalar, which is worth telling only where no mapping may stand
        is_noise = isinstance(value, Mapping) and any(tag in _SCALARS for tag in tags)
        (noise if is_noise else places).setdefault(path, []).append((tags, error))
    places = {**noise, **places}
    faults = []
    for path, found in places.items():
        if any(other[: len(path)] == path and len(other) > len(path) for other in places):
            continue
        faults.append(Fault(".".join(path), _message(spec, document, path, [error for _, error in found])))
    return sorted(faults, key=lambda fault: fault.path)


def _place(document: Any, location: Sequence[str | int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part a location into the path in the document and the tags of union branches in between."""
    path: list[str] = []
    tags: list[str] = []
    here = document
    for index, part in enumerate(location):
        last = index == len(location) - 1
        if isinstance(here, Mapping) and (part in here or (last and not _is_tag(part))):
            path.append(str(part))
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int):
            path.append(str(part))
            here = here[part] if part < len(here) else None
        else:
            tags.append(str(part))
    return tuple(path), tuple(tags)


def _is_tag(part: str | int) -> bool:
    text = str(part)
    return text in _SCALARS or text[:1].isupper() or "[" in text


def _value(document: Any, path: Sequence[str]) -> Any:
    for part in path:
        if isinstance(document, Mapping):
            document = document.get(part)
        elif isinstance(document, list) and int(part) < len(document):
            document = document[int(part)]
        else:
            return None
    return document


def _message(spec: type, document: Mapping[str, Any], path: Sequence[str], errors: Sequence[Any]) -> str:
    kinds = {error["type"] for error in errors}
    name = path[-1] if path else ""
    if kinds & {"unexpected_keyword_argument", "extra_forbidden"}:
        near = difflib.get_close_matches(name, _field_names(spec, path[:-1]), n=1)
        return f"unknown field `{name}`" + (f"; did you mean `{near[0]}`?" if near else "")
    if kinds & {"missing", "missing_argument"}:
        return "this field is required"
    value = _value(document, path)
    if "literal_error" in kinds:
        allowed = next(e["ctx"]["expected"] for e in errors if e["type"] == "literal_error").replace("'", "")
        near = difflib.get_close_matches(str(value), allowed.replace(" or ", ", ").split(", "), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        return f"expected {allowed}, got {_shown(value)}{hint}"
    wanted = list(dict.fromkeys(_KINDS.get(kind.split("_")[0], kind) for kind in (e["type"] for e in errors)))
    if set(_SCALARS.values()) <= set(wanted):
        wanted = ["text", "a number", "true or false", *(kind for kind in wanted if kind not in _SCALARS.values())]
    return f"expected {_either(wanted)}, got {_shown(value)}"


def _either(words: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _field_names(spec: Any, path: Sequence[str]) -> list[str]:
    """The names of the fields that may stand at a path: of the dataclass that the type hints lead to."""
    for part in path:
        hints = get_type_hints(spec) if is_dataclass(spec) else {}
        spec = next(iter(_dataclasses_in(hints[part])), None) if part in hints else spec
    return [field.name for field in fields(spec)] if is_dataclass(spec) else []


def _dataclasses_in(hint: Any) -> list[Any]:
    if is_dataclass(hint):
        return [hint]
    return [found for argument in get_args(hint) for found in _dataclasses_in(argument)]


def _kind_of(value: Any) -> str:
    match value:
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case None:
            return "nothing"
    return "a mapping"


def _shown(value: Any) -> str:
    match value:
        case None | list() | dict():
            return _kind_of(value)
        case bool():
            return str(value).lower()
        case str():
            return f"the text {value[:60]!r}"
    return f"the number {value}"


def apply_overrides(document: Mapping[str, Any], overrides: Sequence[str]) -> tuple[dict[str, Any], list[Fault]]:
    """Apply `PATH=VALUE` settings to a copy, as `az ml --set` does; a value is read as a YAML scalar.

    `inputs.x=VALUE` on an input that has a type sets its path (data, models) or its value (literals).
    """
    result: dict[str, Any] = json.loads(json.dumps(document, default=str))
    faults: list[Fault] = []
    for override in overrides:
        path, separator, text = override.partition("=")
        parts = path.strip().split(".")
        if not separator or not all(parts):
            faults.append(Fault("--set", f"expected PATH=VALUE, got {override!r}"))
            continue
        value = _scalar(text)
        here: Any = result
        for part in parts[:-1]:
            if isinstance(here, dict):
                if here.get(part) is None:
                    # also a section or an output with nothing in it
                    here[part] = {}
                here = here[part]
        if not isinstance(here, dict):
            faults.append(Fault(path, "--set reaches into a value that has no fields"))
            continue
        old = here.get(parts[-1])
        is_port = len(parts) == 2 and parts[0] in ("inputs", "outputs")
        if is_port and isinstance(old, dict) and not isinstance(value, dict):
            literal = old.get("type") in ("string", "number", "integer", "boolean")
            old["value" if literal else "path"] = value
        else:
            here[parts[-1]] = value
    return result, faults


def _scalar(text: str) -> Any:
    """A value as YAML reads it; what is neither quoted nor in brackets is one scalar, with all its `: ` and ` #`."""
    import yaml

    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return text
    if text.lstrip()[:1] in ("{", "[", "'", '"') or isinstance(value, bool | int | float):
        return value
    return None if text.strip() in ("null", "~") else text.strip()
