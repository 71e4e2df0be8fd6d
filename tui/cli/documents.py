"""Entities as the documents that `az ml` prints: its keys, and ours where it has none."""

from __future__ import annotations

from typing import Any

from services.directory import WorkspaceSummary
from services.entities import (
    DataAsset,
    Datastore,
    Environment,
    Job,
    JobSummary,
    ModelVersion,
    Port,
    RegisteredModel,
    WorkspaceInfo,
)
from services.errors import Fault
from services.targets import AzureTarget, WorkspaceTarget
from services.text import REDACTED, is_secret_name
from tui.cli.output import Document

_LITERALS = frozenset({"string", "number", "integer", "boolean"})


def job_row(job: JobSummary) -> Document:
    """A job as `az ml job list` prints it."""
    return {
        "name": job.name,
        "display_name": job.display_name,
        "experiment_name": job.experiment_name,
        "type": job.type.value,
        "status": job.status.value,
        "compute": job.compute,
        "creation_context": {"created_at": job.created_at, "created_by": job.created_by},
        "start_time": job.started_at,
        "end_time": job.ended_at,
        "parent_job_name": job.parent_name,
        "tags": dict(job.tags),
        "archived": job.archived,
    }


def job_document(job: Job) -> Document:
    """A job as `az ml job show` prints it, with its timeline, notes and first error."""
    document: dict[str, Any] = {
        **job_row(job.summary),
        "description": job.description,
        "code": job.code,
        "command": job.command,
        "environment": job.environment,
        "environment_variables": {
            key: REDACTED if is_secret_name(key) else value for key, value in job.environment_variables.items()
        },
        "inputs": {port.name: _port(port) for port in job.inputs},
        "outputs": {port.name: _port(port) for port in job.outputs},
        "limits": {"timeout": job.timeout} if job.timeout else None,
        "properties": dict(job.properties),
        "services": {"Studio": {"endpoint": job.studio_url}} if job.studio_url else {},
        "run_id": job.run_id,
        "exit_code": job.exit_code,
        "error": None,
        "notes": [fault_document(note) for note in job.notes],
        "timeline": [
            {"status": change.status.value, "at": change.at, "detail": change.detail} for change in job.timeline
        ],
    }
    if job.error:
        document["error"] = {
            "message": job.error.title,
            "detail": job.error.message,
            "file": job.error.file,
            "line": job.error.line,
            "advice": job.error.advice,
        }
    return document


def _port(port: Port) -> object:
    if port.type in _LITERALS:
        return port.value
    return {"type": port.type, "path": port.value, "mode": port.mode}


def fault_document(fault: Fault) -> Document:
    """A fault as `az ml job validate` prints it."""
    return {"path": fault.path, "message": fault.message, "severity": fault.severity}


def data_document(data: DataAsset) -> Document:
    """A version of a data asset."""
    return {
        "name": data.name,
        "version": data.version,
        "type": data.type,
        "path": data.path,
        "description": data.description,
        "tags": dict(data.tags),
        "properties": dict(data.properties),
        "creation_context": {"created_at": data.created_at, "created_by": data.created_by},
        "size": data.size,
        "labels": list(data.labels),
        "latest": data.latest,
        "archived": data.archived,
    }


def model_row(model: RegisteredModel) -> Document:
    """A registered model in a list."""
    return {
        "name": model.name,
        "latest_version": model.latest_version,
        "type": model.type,
        "description": model.description,
        "tags": dict(model.tags),
        "aliases": dict(model.aliases),
        "creation_context": {"created_at": model.created_at, "last_modified_at": model.updated_at},
        "archived": model.archived,
    }


def model_document(model: ModelVersion) -> Document:
    """A version of a model."""
    return {
        "name": model.name,
        "version": model.version,
        "type": model.type,
        "path": model.uri,
        "description": model.description,
        "tags": dict(model.tags),
        "aliases": list(model.aliases),
        "flavors": {flavor: {} for flavor in model.flavors},
        "signature": [
            {"role": f.role, "name": f.name, "type": f.type, **({"shape": f.shape} if f.shape else {})}
            for f in model.signature.fields
        ],
        "job_name": model.job_name,
        "creation_context": {"created_at": model.created_at, "created_by": model.created_by},
        "size": model.size,
        "archived": model.archived,
    }


def datastore_document(datastore: Datastore) -> Document:
    """A datastore."""
    return {
        "name": datastore.name,
        "type": datastore.type,
        "is_default": datastore.is_default,
        "description": datastore.description,
        "account_name": datastore.account_name,
        "container_name": datastore.container_name,
        "endpoint": datastore.endpoint,
        "protocol": datastore.protocol,
        "credentials": {
            "type": datastore.credentials,
            **datastore.credential_fields,
            "expires_at": datastore.expires_at,
            "identity": datastore.identity or None,
        },
        "folder": datastore.folder,
        "tags": dict(datastore.tags),
        "creation_context": {"created_at": datastore.created_at},
    }


def environment_document(environment: Environment) -> Document:
    """A version of an environment."""
    return {
        "name": environment.name,
        "version": environment.version,
        "image": environment.image,
        "conda_file": environment.conda_file,
        "packages": list(environment.packages),
        "description": environment.description,
        "tags": dict(environment.tags),
        "creation_context": {"created_at": environment.created_at},
        "curated": environment.curated,
        "state": environment.state,
    }


def workspace_document(info: WorkspaceInfo) -> Document:
    """A workspace."""
    return {
        "name": info.name,
        "kind": info.kind,
        "location": info.location,
        "resource_group": info.resource_group,
        "subscription_id": info.subscription_id,
        "identity": info.identity,
        "description": info.description,
        "creation_context": {"created_at": info.created_at},
        "tags": dict(info.tags),
        "resources": [{"kind": r.kind, "name": r.name, "state": r.state} for r in info.resources],
        "counts": dict(info.counts),
        "default_datastore": info.default_datastore,
        "mlflow_tracking_uri": info.mlflow_tracking_uri,
        "studio_url": info.studio_url,
        "read_only": info.read_only,
    }


def target_document(target: WorkspaceTarget) -> Document:
    """A workspace of which only the place is known."""
    if isinstance(target, AzureTarget):
        return {
            "name": target.workspace_name,
            "kind": "azure",
            "location": "",
            "resource_group": target.resource_group,
            "subscription_id": target.subscription_id,
            "profile": target.profile,
        }
    return {"name": target.folder.name, "kind": "local", "location": str(target.folder)}


def summary_document(summary: WorkspaceSummary) -> Document:
    """A workspace as Azure lists it."""
    return {
        **target_document(summary.target),
        "kind": "azure" if summary.kind == "Default" else summary.kind.lower(),
        "location": summary.location,
        "description": summary.description,
        "provisioning_state": summary.state,
        "creation_context": {"created_at": summary.created_at, "created_by": summary.created_by},
        "tags": dict(summary.tags),
    }
