"""Bind the inputs and outputs of a job to files of this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from services.asset_uris import asset_name, job_output
from services.entities import DataAsset, Port
from services.errors import Fault, ServiceError, UserError
from services.local.datastore_registry import DatastoreRegistry
from services.local.layout import Layout
from services.local.uris import resolve
from services.specs.command import LITERAL_TYPES, CommandJob, JobInput, JobOutput
from services.specs.expressions import placeholders, substitute
from services.uris import datastore_uri

MODELS = ("mlflow_model", "custom_model", "triton_model")


@dataclass
class Bindings:
    """What a job's placeholders become.

    Attributes:
        values: by key: `inputs.x`, `outputs.y`, `name`.
        plan: for the preparation: name, how (link, copy, fetch), source, target.
        output_folders: made before the command runs.
        register: outputs that become data assets when the job has completed: name, version, type, path.
    """

    values: dict[str, str] = field(default_factory=dict)
    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    plan: list[dict[str, str]] = field(default_factory=list)
    output_folders: list[str] = field(default_factory=list)
    register: list[dict[str, str | None]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


class Binder:
    """Binds ports by what the workspace holds.

    Args:
        find_data: a data asset by name and version or label; raises NotFoundError.
        find_model: the folder of a registered model's version; raises NotFoundError.
        find_output: the folder of a job's output; raises NotFoundError.
    """

    def __init__(
        self,
        layout: Layout,
        find_data: Callable[[str, str], DataAsset],
        find_model: Callable[[str, str], Path],
        find_output: Callable[[str, str], Path],
    ) -> None:
        self.layout = layout
        self.find_data = find_data
        self.find_model = find_model
        self.find_output = find_output

    def bind(self, spec: CommandJob, base: Path, name: str) -> Bindings:
        """Bind all ports of a job; what can't be bound becomes a fault at its path."""
        bound = Bindings(values={"name": name})
        folder = self.layout.job(name)
        for key, given in spec.inputs.items():
            try:
                self._input(bound, key, given, base, folder / "inputs" / key)
            except ServiceError as error:
                bound.faults.append(Fault(f"inputs.{key}.path", error.detail))
        for key, out in spec.outputs.items():
            try:
                self._output(bound, key, out, name)
            except ServiceError as error:
                bound.faults.append(Fault(f"outputs.{key}.path", error.detail))
        return bound

    def _input(self, bound: Bindings, key: str, given: JobInput | Any, base: Path, folder: Path) -> None:
        if not isinstance(given, JobInput) or given.type in LITERAL_TYPES:
            typed = isinstance(given, JobInput)
            value = (given.value if given.value is not None else given.path) if typed else given
            kind = given.type if typed else _kind(value)
            text = str(value) if not isinstance(value, bool) else str(value).capitalize()
            bound.values[f"inputs.{key}"] = text
            bound.inputs.append(Port(key, kind, text))
            return
        uri = given.path or ""
        mode = given.mode or "ro_mount"
        source, how, shown = self._source(given, uri, base)
        if mode == "direct":
            bound.values[f"inputs.{key}"] = uri
            bound.inputs.append(Port(key, given.type, uri, mode, uri))
            return
        name = PurePosixPath(urlsplit(uri).path).name if how == "fetch" else Path(source).name
        is_file = how == "fetch" or (Path(source).is_file() and given.type not in ("uri_folder", "mltable"))
        target = folder / (name or key) if is_file else folder
        if how == "link" and mode in ("download", "eval_download"):
            how = "copy"
        bound.plan.append({"name": key, "how": how, "source": str(source), "target": str(target)})
        bound.values[f"inputs.{key}"] = str(target)
        bound.inputs.append(Port(key, given.type, shown, "download" if how == "fetch" else mode, str(target)))

    def _source(self, given: JobInput, uri: str, base: Path) -> tuple[str, str, str]:
        """Where an input comes from, how it is brought, and the URI with its version."""
        if uri.startswith(("http://", "https://")):
            return uri, "fetch", uri
        if asset := asset_name(uri):
            if given.type in MODELS:
                return str(self.find_model(asset.name, asset.version)), "link", uri
            data = self.find_data(asset.name, asset.version)
            if data.type != given.type and {data.type, given.type} == {"uri_file", "uri_folder"}:
                raise UserError(f"{uri} is of type {data.type}, the input of type {given.type}")
            shown = f"azureml:{data.name}:{data.version}"
            if data.path.startswith(("http://", "https://")):
                return data.path, "fetch", shown
            return str(self._existing(resolve(self.layout, data.path, base), uri)), "link", shown
        if output := job_output(uri):
            return str(self._existing(self.find_output(output.job, output.output) / output.path, uri)), "link", uri
        return str(self._existing(resolve(self.layout, uri, base), uri)), "link", uri

    @staticmethod
    def _existing(path: Path, uri: str) -> Path:
        if not path.exists():
            raise UserError(f"{uri} is not there ({path})")
        return path

    def _output(self, bound: Bindings, key: str, given: JobOutput | str | None, name: str) -> None:
        out = given if isinstance(given, JobOutput) else JobOutput(path=given)
        default = DatastoreRegistry(self.layout).default
        uri = out.path or datastore_uri(default, f"azureml/{name}/{key}/")
        known = {"name": name, "output_name": key, "default_datastore": default}
        for found in placeholders(uri):
            if found.key not in known:
                raise UserError(f"${{{{{found.key}}}}} has no value here; known are {', '.join(known)}")
        uri = substitute(uri, known)
        target = resolve(self.layout, uri, self.layout.root)
        bound.output_folders.append(str(target.parent if out.type == "uri_file" else target))
        bound.values[f"outputs.{key}"] = str(target)
        bound.outputs.append(Port(key, out.type, uri, out.mode or "rw_mount", str(target)))
        if out.name and out.type in MODELS:
            note = "is not registered by itself here; register the model of the finished job"
            bound.faults.append(Fault(f"outputs.{key}.name", note, "note"))
        elif out.name:
            version = None if out.version is None else str(out.version)
            bound.register.append({"name": out.name, "version": version, "type": out.type, "path": uri})


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
    return "string"
