"""A spec as az ml YAML, as an `az ml` command, and as Python SDK v2 code; secrets are redacted in all of them."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

from services.specs.assets import ComputeSpec, DataSpec, EnvironmentSpec, ModelSpec, WorkspaceSpec
from services.specs.automl import DATA_FIELDS, AutoMLJob
from services.specs.command import CommandJob, JobInput, JobOutput
from services.specs.compute_code import Call, classes_of, sdk_call
from services.specs.compute_code import as_arm as arm_template
from services.specs.computes import ATTACHED
from services.specs.datastore_code import sdk_call as datastore_call
from services.specs.datastores import DatastoreSpec
from services.specs.jobs import AnyJob
from services.specs.normal_form import normal_form
from services.specs.search_code import automl_settings, imports_of, sweep_arguments, trial_arguments, where
from services.specs.spark import SparkJob, is_secret_setting, promoted_conf
from services.specs.sweep import SweepJob, Trial
from services.specs.writing import Spec, to_yaml
from services.targets import AzureTarget
from services.text import REDACTED, is_secret_name, masked

AnySpec = TypeVar("AnySpec", bound=Spec)
_NOUNS = {
    CommandJob: "job",
    SparkJob: "job",
    SweepJob: "job",
    AutoMLJob: "job",
    DataSpec: "data",
    ModelSpec: "model",
    EnvironmentSpec: "environment",
    ComputeSpec: "compute",
    WorkspaceSpec: "workspace",
    DatastoreSpec: "datastore",
}
_ENTITIES = {
    DataSpec: ("Data", "data"),
    ModelSpec: ("Model", "models"),
    EnvironmentSpec: ("Environment", "environments"),
}


def redacted(spec: AnySpec) -> AnySpec:
    """The spec without passwords and the values of variables and settings whose names say that they are secret."""
    if isinstance(spec, CommandJob | AutoMLJob) and spec.environment_variables:
        return replace(spec, environment_variables=_redacted_variables(spec.environment_variables))
    if isinstance(spec, SweepJob) and spec.trial.environment_variables:
        shown = _redacted_variables(spec.trial.environment_variables)
        return replace(spec, trial=replace(spec.trial, environment_variables=shown))
    if isinstance(spec, SparkJob) and spec.conf:
        return replace(spec, conf={k: REDACTED if is_secret_setting(k) else v for k, v in spec.conf.items()})
    if isinstance(spec, ComputeSpec) and spec.ssh_settings and spec.ssh_settings.get("admin_password"):
        return replace(spec, ssh_settings={**spec.ssh_settings, "admin_password": REDACTED})
    if isinstance(spec, DatastoreSpec) and spec.credentials:
        return replace(spec, credentials=spec.credentials.with_secret(REDACTED))
    return spec


def _redacted_variables(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: REDACTED if is_secret_name(name) else value for name, value in given.items()}


_ASSIGNED = ("distribution", "identity", "queue_settings")
"""Fields that the SDK takes as they stand in the YAML, once the job is made (entities/_builders/command.py)."""
_LATER = ("type", "limits", "resources", "parameters", *_ASSIGNED)
"""Fields that are no arguments of `command`; nobody sets parameters."""
_SUBMIT = "returned_job = ml_client.jobs.create_or_update(job)\nprint(returned_job.studio_url)\n"
_SERVICES = {
    "jupyter_lab": "JupyterLabJobService",
    "ssh": "SshJobService",
    "tensor_board": "TensorBoardJobService",
    "vs_code": "VsCodeJobService",
}
_LABELLED = re.compile(r"^azureml:(?=[^/:@]+@)")
"""The prefix of an asset by its label, which the YAML takes, and the SDK's classes take for a part of the name."""


def as_yaml(spec: Spec) -> str:
    """The az ml YAML, in the form that `az ml` and `azure.ai.ml.load_job` and its like take."""
    return masked(to_yaml(normal_form(redacted(spec))))


def az_scope(target: AzureTarget | None, *, workspace: bool = True) -> str:
    """The options that name the workspace to `az ml`; placeholders where none in Azure is open.

    Args:
        workspace: whether the workspace is named too, and not only its resource group.
    """
    if target is None:
        return "--resource-group <group>" + " --workspace-name <workspace>" * workspace
    options = {"--subscription": target.subscription_id, "--resource-group": target.resource_group}
    if workspace:
        options["--workspace-name"] = target.workspace_name
    return " ".join(f"{option} {shlex.quote(value)}" for option, value in options.items())


def sdk_client(target: AzureTarget | None, *, workspace: bool = True) -> str:
    """Python code that makes `ml_client`; of the workspace in config.json where none in Azure is open."""
    if target is None:
        return "ml_client = MLClient.from_config(DefaultAzureCredential())\n"
    names = [target.subscription_id, target.resource_group, *([target.workspace_name] if workspace else [])]
    arguments = "".join(f"    {value!r},\n" for value in names)
    return f"ml_client = MLClient(\n    DefaultAzureCredential(),\n{arguments})\n"


def as_az(spec: Spec, file_name: str, target: AzureTarget | None = None) -> str:
    """The `az ml` command that makes it from the YAML in a file, and how one field is changed on the way."""
    spec, noun = normal_form(spec), _NOUNS[type(spec)]
    verb = "attach" if isinstance(spec, ComputeSpec) and spec.type in ATTACHED else "create"
    lines = [f"az ml {noun} {verb} --file {shlex.quote(file_name)}"]
    scope = az_scope(target, workspace=not isinstance(spec, WorkspaceSpec))
    if isinstance(spec, CommandJob | SparkJob | SweepJob | AutoMLJob):
        lines[0] += " --stream"
        if field := _settable(spec):
            lines += [
                "",
                "# with another value of one field",
                f"az ml job create --file {shlex.quote(file_name)} --set {field}=<value>",
            ]
    elif isinstance(spec, DataSpec | ModelSpec):
        flags = {"--name": spec.name, "--version": spec.version, "--type": spec.type, "--path": masked(spec.path)}
        shown = " ".join(f"{key} {shlex.quote(str(value))}" for key, value in flags.items() if value is not None)
        lines += ["", "# without a file", f"az ml {noun} create {shown}"]
    return "\n".join(f"{line} {scope}" if line.startswith("az ") else line for line in lines) + "\n"


def _settable(spec: AnyJob) -> str:
    """A field of the YAML of a job that somebody may want to change on the way; empty if there is none."""
    if isinstance(spec, SweepJob):
        return "limits.max_total_trials"
    if isinstance(spec, AutoMLJob):
        return "training_data.path"
    name, given = next(iter(spec.inputs.items()), ("", None))
    return f"inputs.{name}" + (".path" if isinstance(given, JobInput) else "") if name else ""


def as_sdk(spec: Spec, target: AzureTarget | None = None) -> str:
    """A whole Python script for azure-ai-ml."""
    client = sdk_client(target, workspace=not isinstance(spec, WorkspaceSpec))
    spec = normal_form(redacted(spec))
    if isinstance(spec, CommandJob):
        return masked(_command(spec, client))
    if isinstance(spec, SparkJob):
        return masked(_spark(spec, client))
    if isinstance(spec, SweepJob):
        return masked(_sweep(spec, client))
    if isinstance(spec, AutoMLJob):
        return masked(_automl(spec, client) if spec.is_tabular else _loaded(spec, client))
    if isinstance(spec, WorkspaceSpec):
        return masked(_workspace(spec, client))
    if isinstance(spec, DatastoreSpec):
        return masked(_datastore(spec, client))
    return masked(_compute(spec, client) if isinstance(spec, ComputeSpec) else _asset(spec, client))


def as_arm(spec: ComputeSpec) -> str:
    """An ARM template that makes a compute."""
    return masked(arm_template(redacted(spec)))


def _command(spec: CommandJob, client: str) -> str:
    given, imported = _job_arguments(spec, left_out=_LATER)
    if "services" in given:
        given["services"] = {key: _service(item) for key, item in spec.services.items()} if spec.services else {}
        imported |= {item.class_name for item in given["services"].values() if isinstance(item, Call)}
    lines = ["job = command(", *(f"    {name}={_literal(value, 4)}," for name, value in given.items()), ")"]
    if spec.limits and spec.limits.timeout:
        lines.append(f"job.set_limits(timeout={spec.limits.timeout})")
    if spec.resources:
        given = {key: value for key, value in _given(spec.resources).items() if key in
                 ("instance_type", "instance_count", "locations", "properties", "docker_args", "shm_size")}  # fmt: skip
        lines.append(f"job.set_resources({', '.join(f'{key}={_literal(value, 0)}' for key, value in given.items())})")
        if (most := spec.resources.max_instance_count) is not None:
            lines.append(f"job.resources.max_instance_count = {most}")
    lines += [f"job.{name} = {_literal(value, 0)}" for name in _ASSIGNED if (value := getattr(spec, name))]
    return _job("command", lines, imported, client)


def _spark(spec: SparkJob, client: str) -> str:
    # the function takes no properties, and `create_or_update` would lose those of its result (azure-ai-ml 1.35)
    given, imported = _job_arguments(spec, left_out=("type", "conf", "properties"))
    given["entry"] = {"file": spec.entry.file}
    own, conf = promoted_conf(spec.conf)
    given |= {**own, **({"conf": conf} if conf else {})}
    if spec.resources:
        given["resources"] = {key: str(value) for key, value in _given(spec.resources).items()}
    lines = ["job = spark(", *(f"    {name}={_literal(value, 4)}," for name, value in given.items()), ")"]
    return _job("spark", lines, imported, client)


_PARTS = ("objective", "limits", "search_space", "sampling_algorithm", "early_termination", "services")
_WHERE = ("resources", "identity", "queue_settings")
_SETTINGS = ("type", "task", "limits", "training", "featurization", "forecasting", "services", *DATA_FIELDS)


def _sweep(spec: SweepJob, client: str) -> str:
    trial, imported = _job_arguments(spec.trial, left_out=("resources", "distribution"), indent=8)
    given, more = _job_arguments(spec, left_out=("type", "trial", *_PARTS, *_WHERE))
    trial_call = Call("CommandJob", **trial, **trial_arguments(spec.trial))
    call = Call("SweepJob", trial=trial_call, **given, **sweep_arguments(spec))
    imports = imports_of({"MLClient", *imported, *more, *classes_of(call)})
    return _join(imports, client, f"job = {_call(call.class_name, call.arguments, 0)}", _SUBMIT)


def _automl(spec: AutoMLJob, client: str) -> str:
    given, imported = _job_arguments(spec, left_out=(*_SETTINGS, *_WHERE))
    data = {name: _port("Input", data) for name, data in spec.inputs.items()}
    on = where(spec)
    settings = automl_settings(spec)
    called = classes_of([on, *(arguments for _, arguments in settings)])
    lines = [f"job = automl.{_call(spec.task, {**data, **given, **on}, 0)}"]
    lines += [f"job.{_call(method, arguments, 0)}" for method, arguments in settings]
    imports = imports_of({"MLClient", "automl", "Input", *imported, *called})
    return _join(imports, client, "\n".join(lines), _SUBMIT)


def _loaded(spec: AutoMLJob, client: str) -> str:
    """Code that loads the YAML, for tasks whose YAML is passed on as it is."""
    text = as_yaml(spec).replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    imports = ["from io import StringIO", "", *imports_of({"MLClient", "load_job"})]
    return _join(imports, client, f'job = load_job(StringIO("""\\\n{text}"""))', _SUBMIT)


def _job_arguments(spec: AnyJob | Trial, left_out: Sequence[str], indent: int = 4) -> tuple[dict[str, Any], set[str]]:
    """The arguments of the SDK's function for a job of that type, and the classes that they need."""
    imported, given = set[str](), dict[str, Any]()
    for field in fields(spec):
        value = getattr(spec, field.name)
        if value in (None, {}, []) or field.name in left_out:
            continue
        if field.name in ("inputs", "outputs"):
            kind = field.name.removesuffix("s").capitalize()
            value = {key: _port(kind, item) for key, item in value.items()}
            imported |= {kind} if any(isinstance(item, _Code) for item in value.values()) else set()
        if field.name == "compute":
            value = value.removeprefix("azureml:")  # which the YAML takes, and the functions do not
        if field.name == "environment" and isinstance(value, str):
            value = _LABELLED.sub("", value)
        if isinstance(value, EnvironmentSpec):
            imported |= {"Environment", "BuildContext"} if value.build else {"Environment"}
            value = _Code(_call("Environment", _environment(value), indent))
        given[field.name] = value
    return given, imported


def _job(function: str, lines: list[str], imported: set[str], client: str) -> str:
    ports = imported & {"Input", "Output"}
    imports = [f"from azure.ai.ml import {', '.join(sorted({'MLClient', function, *ports}, key=str.lower))}"]
    if entities := imported - ports:
        imports.append(f"from azure.ai.ml.entities import {', '.join(sorted(entities))}")
    return _join(imports, client, "\n".join(lines), _SUBMIT)


def _asset(spec: DataSpec | ModelSpec | EnvironmentSpec, client: str) -> str:
    given = _environment(spec) if isinstance(spec, EnvironmentSpec) else _given(spec)
    entity, operations = _ENTITIES[type(spec)]
    variable = _NOUNS[type(spec)]
    end = (
        f"{variable} = ml_client.{operations}.create_or_update({variable})\n"
        f"print({variable}.name, {variable}.version)\n"
    )
    imported = f"BuildContext, {entity}" if isinstance(spec, EnvironmentSpec) and spec.build else entity
    imports = ["from azure.ai.ml import MLClient", f"from azure.ai.ml.entities import {imported}"]
    return _join(imports, client, f"{variable} = {_call(entity, given, 0)}", end)


def _workspace(spec: WorkspaceSpec, client: str) -> str:
    imports = ["from azure.ai.ml import MLClient", "from azure.ai.ml.entities import Workspace"]
    end = "workspace = ml_client.workspaces.begin_create(workspace).result()\nprint(workspace.mlflow_tracking_uri)\n"
    return _join(imports, client, f"workspace = {_call('Workspace', _given(spec), 0)}", end)


def _compute(spec: ComputeSpec, client: str) -> str:
    call = sdk_call(spec)
    imports = [
        "from azure.ai.ml import MLClient",
        f"from azure.ai.ml.entities import {', '.join(sorted(classes_of(call)))}",
    ]
    end = "compute = ml_client.compute.begin_create_or_update(compute).result()\nprint(compute.provisioning_state)\n"
    return _join(imports, client, f"compute = {_call(call.class_name, call.arguments, 0)}", end)


def _datastore(spec: DatastoreSpec, client: str) -> str:
    call = datastore_call(spec)
    imports = [
        "from azure.ai.ml import MLClient",
        f"from azure.ai.ml.entities import {', '.join(sorted(classes_of(call)))}",
    ]
    end = "datastore = ml_client.datastores.create_or_update(datastore)\nprint(datastore.name, datastore.type)\n"
    return _join(imports, client, f"datastore = {_call(call.class_name, call.arguments, 0)}", end)


def _environment(spec: EnvironmentSpec) -> dict[str, Any]:
    """The arguments of Environment, whose build is an object."""
    given = _given(spec)
    if spec.build:
        given["build"] = _Code(_call("BuildContext", spec.build, 4))
    return given


def _join(imports: list[str], client: str, body: str, end: str) -> str:
    imports.append("from azure.identity import DefaultAzureCredential")
    return "\n".join([*imports, "", client, body, "", end])


class _Code(str):
    """Text that is code already."""

    __slots__ = ()


def _port(kind: str, value: Any) -> Any:
    if kind == "Output" and value is None:
        value = JobOutput()
    if not isinstance(value, JobInput | JobOutput):
        return value
    given = _given(value)
    if "path" in given:
        given["path"] = _LABELLED.sub("", given["path"])
    return _Code(_call(kind, given, 8))


def _service(section: Any) -> Any:
    """A service as the class of its type; a plain one has no fields of its own, such as log_dir."""
    given = dict(section) if isinstance(section, Mapping) else {}
    if (name := _SERVICES.get(str(given.pop("type", "")))) is None:
        return section
    return Call(name, **given)


def _given(spec: Any) -> dict[str, Any]:
    values = {field.name: getattr(spec, field.name) for field in fields(spec)}
    given = {name: value for name, value in values.items() if value not in (None, {}, [])}
    # the SDK refuses a version that is a number
    return {name: str(value) if name == "version" else value for name, value in given.items()}


def _call(name: str, arguments: Mapping[str, Any], indent: int) -> str:
    inline = ", ".join(f"{key}={_literal(value, indent + 4)}" for key, value in arguments.items())
    if len(inline) + len(name) + indent < 100 and "\n" not in inline:
        return f"{name}({inline})"
    pad = " " * (indent + 4)
    lines = "".join(f"{pad}{key}={_literal(value, indent + 4)},\n" for key, value in arguments.items())
    return f"{name}(\n{lines}{' ' * indent})"


def _literal(value: Any, indent: int) -> str:
    if isinstance(value, _Code):
        return str(value)
    if isinstance(value, Call):
        return _call(value.class_name, value.arguments, indent)
    if isinstance(value, list) and any(isinstance(item, Call) for item in value):
        pad = " " * (indent + 4)
        return "[\n" + "".join(f"{pad}{_literal(item, indent + 4)},\n" for item in value) + f"{' ' * indent}]"
    if isinstance(value, Mapping) and value:
        pad = " " * (indent + 4)
        lines = "".join(f"{pad}{str(key)!r}: {_literal(item, indent + 4)},\n" for key, item in value.items())
        return f"{{\n{lines}{' ' * indent}}}"
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    return repr(value)
