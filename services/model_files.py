"""The files of a model: what each type must hold, and what an MLmodel file says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.entities import ModelSignature, SignatureField
from services.errors import Fault

MLMODEL = "MLmodel"
LIMIT = 1_000_000
"""Bytes of an MLmodel file that are read; they are a few hundred."""
NO_SIGNATURE = ModelSignature()
_ROLES = {"inputs": "input", "outputs": "output", "params": "param"}


@dataclass(frozen=True)
class ModelDescription:
    """What an MLmodel file says."""

    text: str = ""
    flavors: tuple[str, ...] = ()
    signature: ModelSignature = NO_SIGNATURE


def type_faults(kind: str, place: Path) -> Iterator[Fault]:
    """What the files lack for the type of the model."""
    if not place.exists():
        yield Fault("path", f"{place} does not exist")
    elif not (place.is_file() or place.is_dir()):
        yield Fault("path", f"{place} is neither a file nor a folder")
    elif kind == "mlflow_model" and not (place / MLMODEL).is_file():
        yield Fault(
            "path", f"{place} holds no file named MLmodel, which an MLflow model needs; custom_model needs none"
        )
    elif kind == "triton_model" and not any(place.glob("*/[0-9]*/model.*")):
        # NVIDIA Triton, "Model repository": MODEL/VERSION/model.onnx; MODEL/config.pbtxt can often be left out
        if any(place.glob("[0-9]*/model.*")):
            yield Fault("path", f"{place} is the folder of one Triton model; name the folder above it")
        else:
            yield Fault("path", f"{place} has not the layout of a Triton model repository: MODEL/1/model.*")


def described(place: Path) -> ModelDescription:
    """The MLmodel file of a model's folder; an empty description if there is none."""
    try:
        with (place / MLMODEL).open("rb") as file:
            return read_mlmodel(file.read(LIMIT).decode("utf-8", "replace"))
    except OSError:
        return ModelDescription()


def read_mlmodel(text: str) -> ModelDescription:
    """Flavors and signature of an MLmodel file; none where they can't be read.

    The format is MLflow's ("Model Signatures"): YAML, in which the parts of the signature are JSON texts.
    """
    import yaml

    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError, LookupError, AttributeError):  # the last two: `!!bool x`
        return ModelDescription(text)
    if not isinstance(document, dict):
        return ModelDescription(text)
    flavors, signature = document.get("flavors"), document.get("signature")
    fields = []
    for key, role in _ROLES.items():
        fields += _fields(role, signature.get(key) if isinstance(signature, dict) else None)
    names = tuple(map(str, flavors)) if isinstance(flavors, dict) else ()
    return ModelDescription(text, names, ModelSignature(tuple(fields)))


def _fields(role: str, entries: Any) -> list[SignatureField]:
    try:
        if isinstance(entries, str):
            entries = json.loads(entries)
        if not isinstance(entries, list):
            return []
        return [_field(role, entry) for entry in entries if isinstance(entry, dict)]
    except (ValueError, RecursionError):
        return []


def _field(role: str, entry: dict[str, Any]) -> SignatureField:
    name = str(entry.get("name", ""))
    # older files say `optional` (MLflow before 2.6); a param is a default that may be overridden
    required = role != "param" and bool(entry.get("required", not entry.get("optional", False)))
    tensor = entry.get("tensor-spec")
    if isinstance(tensor, dict):
        return SignatureField(role, "tensor", name, str(tensor.get("dtype", "")), _shape(tensor.get("shape")), required)
    return SignatureField(role, "column", name, _type(entry), _shape(entry.get("shape")), required)


def _shape(shape: Any) -> str:
    if not isinstance(shape, list):
        return ""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def _type(entry: Any) -> str:
    """`double`, `array of long`, `object {age: long}`, `map of string`."""
    if not isinstance(entry, dict):
        return str(entry)
    kind = str(entry.get("type", ""))
    if kind == "array":
        return f"array of {_type(entry.get('items'))}"
    if kind == "map":
        return f"map of {_type(entry.get('values'))}"
    properties = entry.get("properties")
    if kind == "object" and isinstance(properties, dict):
        return f"object {{{', '.join(f'{key}: {_type(value)}' for key, value in properties.items())}}}"
    return kind


def flavor_words(description: ModelDescription) -> str:
    """The flavors that tell models apart, each after a comma."""
    return "".join(f", {flavor}" for flavor in description.flavors if flavor != "python_function")


def suggested_name(name: str, fallback: str) -> str:
    """The name of what was found; `model` says nothing, then the experiment's."""
    found = slug(name)
    return fallback if found in ("", "model", "artifacts") else found


def slug(text: str) -> str:
    """A text in the characters that a name may have; empty if it has none of them."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:255]
