"""Write specs as normalised az ml YAML: fields in the order of the reference, nothing that is empty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeAlias

from services.specs.assets import ComputeSpec, DataSpec, EnvironmentSpec, ModelSpec, WorkspaceSpec
from services.specs.automl import AutoMLJob
from services.specs.command import CommandJob
from services.specs.datastores import DatastoreSpec
from services.specs.jobs import AnyJob
from services.specs.spark import SparkJob
from services.specs.sweep import SweepJob

Spec: TypeAlias = AnyJob | DataSpec | ModelSpec | EnvironmentSpec | ComputeSpec | WorkspaceSpec | DatastoreSpec

_BASE = "https://azuremlschemas.azureedge.net/latest/"
_COMPUTE_SCHEMAS = {
    "amlcompute": "amlCompute",
    "computeinstance": "computeInstance",
    "virtualmachine": "vmCompute",
    "kubernetes": "kubernetesCompute",
    "synapsespark": "synapseSparkCompute",
}
_DATASTORE_SCHEMAS = {
    "azure_blob": "azureBlob",
    "azure_file": "azureFile",
    "azure_data_lake_gen2": "azureDataLakeGen2",
    "azure_data_lake_gen1": "azureDataLakeGen1",
    "one_lake": "oneLake",
}
_SCHEMAS = {
    CommandJob: "commandJob",
    SparkJob: "sparkJob",
    SweepJob: "sweepJob",
    AutoMLJob: "autoMLJob",
    DataSpec: "data",
    ModelSpec: "model",
    EnvironmentSpec: "environment",
    WorkspaceSpec: "workspace",
}
_ODD_LINE_END = re.compile("[\x85\u2028\u2029]")
_FIRST = (
    "type",
    "name",
    "version",
    "display_name",
    "experiment_name",
    "description",
    "tags",
    "properties",
    "code",
    "command",
    "entry",
    "args",
    "conf",
    "task",
    "trial",
    "inputs",
    "outputs",
    "environment",
    "environment_variables",
    "compute",
)


def schema_url(spec: Spec) -> str:
    """The address of the schema that the YAML of a spec names; empty for a local datastore, which az knows not."""
    if isinstance(spec, DatastoreSpec):
        name = _DATASTORE_SCHEMAS.get(spec.type, "")
    else:
        name = _COMPUTE_SCHEMAS[spec.type] if isinstance(spec, ComputeSpec) else _SCHEMAS[type(spec)]
    return f"{_BASE}{name}.schema.json" if name else ""


def to_document(spec: Spec) -> dict[str, Any]:
    """The spec as plain data, `$schema` first, without what is empty."""
    document = _plain(spec)
    ordered = {key: document[key] for key in _FIRST if key in document}
    schema = {"$schema": url} if (url := schema_url(spec)) else {}
    return {**schema, **ordered, **document}


def to_yaml(spec: Spec) -> str:
    """The spec as az ml YAML."""
    return dump(to_document(spec))


def dump(document: Any) -> str:
    """Plain data as YAML in block style, keys in their order, texts of several lines as blocks."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Several lines as a block; no aliases, which az ml would take for anchors of the user."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        style = "|" if "\n" in value else None
        if _ODD_LINE_END.search(value):
            # PyYAML writes these bare, and a reader makes a blank or a newline of them; escapes stand in quotes alone
            style = '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((field.name, _plain(getattr(value, field.name))) for field in fields(value))
        return {name: plain for name, plain in pairs if plain is not None and plain not in ({}, [])}
    if isinstance(value, Mapping):
        # an output without options is written `name:` with nothing behind it, and stays
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
