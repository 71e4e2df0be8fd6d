"""The files of a model: what each type must hold, and what an MLmodel file says."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.entities import ModelSignature, ModelVersion, SignatureField
from services.errors import Fault, SpecError
from services.local.layout import Layout

MLMODEL_LIMIT = 1_000_000


def check_name(name: str) -> None:
    """Raise SpecError for a name that Azure ML refuses: 1 to 255 letters, digits, `-`, `_` and `.`."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,254}", name):
        raise SpecError(
            [Fault("name", "expected 1 to 255 letters, digits, `-`, `_` and `.`, beginning with a letter or digit")]
        )


def check(kind: str, source: Path) -> None:
    """Raise SpecError if the files are not what the type says.

    Triton's layout is `model/1/model.*` below the folder (NVIDIA Triton, "Model repository"); Azure ML wants the folder above it.
    """
    if kind == "mlflow_model" and not (source / "MLmodel").is_file():
        raise SpecError(
            [Fault("path", f"{source} holds no file named MLmodel, so it is no MLflow model; use custom_model")]
        )
    if kind == "triton_model" and not any(source.glob("*/[0-9]*/*")):
        raise SpecError([Fault("path", f"{source} has not Triton's layout MODEL/1/model.*")])


def described(version: ModelVersion, root: Path) -> ModelVersion:
    """The version with its size and with what its MLmodel file says."""
    files = [root] if root.is_file() else [path for path in root.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    mlmodel = root / "MLmodel"
    if not mlmodel.is_file():
        return replace(version, size=size)
    text = mlmodel.read_bytes()[:MLMODEL_LIMIT].decode("utf-8", "replace")
    flavors, signature = read_mlmodel(text)
    return replace(version, size=size, mlmodel=text, flavors=flavors, signature=signature)


def read_mlmodel(text: str) -> tuple[tuple[str, ...], ModelSignature]:
    """Flavors and signature of an MLmodel file; nothing for what can't be read.

    The format is MLflow's, "MLmodel file" and "Model signature": YAML whose signature parts are JSON texts.
    """
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        return (), ModelSignature()
    if not isinstance(document, dict):
        return (), ModelSignature()
    flavors = document.get("flavors")
    names = tuple(sorted(map(str, flavors))) if isinstance(flavors, dict) else ()
    signature = document.get("signature")
    fields: list[SignatureField] = []
    if isinstance(signature, dict):
        for key, role in (("inputs", "input"), ("outputs", "output"), ("params", "param")):
            fields += _fields(role, signature.get(key))
    return names, ModelSignature(tuple(fields))


def _fields(role: str, text: Any) -> list[SignatureField]:
    try:
        entries = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return []
    return [_field(role, entry, index) for index, entry in enumerate(entries or []) if isinstance(entry, dict)]


def _field(role: str, entry: dict[str, Any], index: int) -> SignatureField:
    name = str(entry.get("name", "") or (f"({index})" if role != "param" else ""))
    required = bool(entry.get("required", not entry.get("optional", False)))
    if entry.get("type") == "tensor":
        spec = entry.get("tensor-spec") or {}
        shape = f"({', '.join(map(str, spec.get('shape', ())))})"
        return SignatureField(role, "tensor", name, str(spec.get("dtype", "")), shape, required)
    shape = "" if entry.get("shape") is None else str(entry["shape"])
    return SignatureField(role, "column", name, _type(entry), shape, required and "default" not in entry)


def _type(entry: dict[str, Any]) -> str:
    kind = str(entry.get("type") or entry.get("dtype") or "")
    if kind == "array" and isinstance(entry.get("items"), dict):
        return f"array of {_type(entry['items'])}"
    return kind


def job_outputs(layout: Layout, job_name: str) -> list[tuple[str, Path]]:
    """Name and place of each output of a job."""
    try:
        spec = json.loads((layout.job(job_name) / "spec.json").read_text("utf-8"))
    except (OSError, ValueError):
        return []
    return [(port[0], Path(port[4])) for port in spec["ports"]["outputs"]]
