"""Registered models, their versions, signatures, and what a job left that can be registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class SignatureField:
    """One column or tensor of a signature.

    Attributes:
        role: input, output or param.
        kind: column or tensor.
        type: MLflow's type, such as double, or the tensor's dtype.
        shape: the tensor's shape, as text `(-1, 8)`; empty for a column.
    """

    role: str
    kind: str
    name: str
    type: str
    shape: str = ""
    required: bool = True


@dataclass(frozen=True)
class ModelSignature:
    """The inputs, outputs and params that an MLmodel file declares."""

    fields: tuple[SignatureField, ...] = ()

    @property
    def kind(self) -> str:
        """`column`, `tensor`, `mixed` or `` when there is none."""
        kinds = {f.kind for f in self.fields if f.role != "param"}
        return "mixed" if len(kinds) > 1 else next(iter(kinds), "")


@dataclass(frozen=True)
class RegisteredModel:
    """A row of the registry."""

    name: str
    latest_version: str
    type: str
    created_at: datetime
    updated_at: datetime
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    version_count: int = 1
    archived: bool = False
    studio_url: str = ""


@dataclass(frozen=True)
class ModelVersion:
    """One version of a registered model.

    Attributes:
        type: mlflow_model, custom_model or triton_model.
        uri: where its files are.
        job_name: the job that made it; empty if none did.
        mlmodel: the text of its MLmodel file; empty unless it is an MLflow model.
    """

    name: str
    version: str
    type: str
    uri: str
    created_at: datetime
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    flavors: tuple[str, ...] = ()
    signature: ModelSignature = ModelSignature()
    mlmodel: str = ""
    job_name: str = ""
    created_by: str = ""
    size: int = 0
    archived: bool = False
    studio_url: str = ""


@dataclass(frozen=True)
class ModelCandidate:
    """Something that a job left and that can be registered: a logged model, or a folder with an MLmodel file."""

    label: str
    uri: str
    type: str
    suggested_name: str
