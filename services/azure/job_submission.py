"""Pre-flight and submit of a job in Azure; blocking, called in the connection's threads."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.azure.code_snapshots import CodeSnapshots
from services.azure.connection import Connection
from services.azure.job_checks import JobChecks
from services.azure.job_mapping import DIGEST
from services.azure.resources import Body, Resources, properties_of
from services.azure.storage import Storage
from services.azure.transfer import local_files, upload_asset
from services.entities import Preflight
from services.errors import ConflictError, Fault, NotFoundError, SpecError, TransientError, UserError
from services.git import git_state
from services.names import experiment_name
from services.specs.assets import EnvironmentSpec
from services.specs.automl import AutoMLJob
from services.specs.checking import check_job
from services.specs.code import CodeListing, list_code
from services.specs.command import LITERAL_TYPES, JobInput
from services.specs.common_checks import is_remote, local_path
from services.specs.conda import conda_content
from services.specs.jobs import AnyJob, program_of
from services.specs.normal_form import normal_form
from services.specs.show_as import as_yaml
from services.specs.spark import SparkJob
from services.specs.sweep import SweepJob
from services.specs.writing import to_yaml

if TYPE_CHECKING:
    from azure.ai.ml import MLClient

_SEVERITY = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class _Plan:
    """What was found without writing anything."""

    faults: tuple[Fault, ...]
    code: CodeListing
    git: Mapping[str, str]

    @property
    def errors(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.severity == "error"]


class JobSubmitter:
    """Submits jobs to a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._resources = Resources(connection)
        self._storage = Storage(connection)
        self._checks = JobChecks(self._resources)
        self._code = CodeSnapshots(connection)

    def preflight(self, spec: AnyJob, base: Path, *, strict: bool) -> Preflight:
        """What submit would do."""
        plan = self._plan(spec, base, strict=strict)
        code = plan.code
        return Preflight(plan.faults, code.files, code.left_out, code.ignore_file, as_yaml(spec), plan.git)

    def submit(self, client: MLClient, spec: AnyJob, name: str, base: Path, number: int, *, strict: bool) -> Body:
        """Upload what the job needs and start it; the job's body.

        Args:
            name: the spec's, or one that was made: the same call again is the same job.
            number: the operation that is told of the bytes.

        Raises SpecError, ConflictError and other ServiceErrors; then nothing was started, unless the error says so.
        """
        digest = hashlib.sha256(f"{to_yaml(spec)}\n{base}".encode()).hexdigest()
        if spec.name and (known := self._resources.find("jobs", name)):
            return _again(known, name, digest)
        plan = self._plan(spec, base, strict=strict)
        if plan.errors:
            raise SpecError(plan.errors, advice="Mend these and submit again.")
        sent = self._uploaded(spec, base, plan, number)
        sent = replace(
            sent,
            name=name,
            experiment_name=spec.experiment_name or experiment_name(base),
            properties={**sent.properties, **plan.git, DIGEST: digest},
        )
        return self._put(client, sent, name, digest)

    def _put(self, client: MLClient, spec: AnyJob, name: str, digest: str) -> Body:
        from services.azure_errors import azure_errors

        try:
            with azure_errors():
                client.jobs.create_or_update(_sdk_job(spec))
        except UserError:  # refused; perhaps since another client took the name a moment ago
            if (made := self._resources.find("jobs", name)) is None:
                raise
        except TransientError as error:  # perhaps only the answer was lost
            made = self._made(name, error)
        else:
            made = self._made(name, None)
        return _again(made, name, digest)

    def _made(self, name: str, error: TransientError | None) -> Body:
        """The job as it is now; the errors tell its name, so that nobody submits it a second time unawares."""
        try:
            found = self._resources.find("jobs", name)
        except TransientError as lost:
            raise TransientError(
                f"Whether job {name} was submitted is not known. {lost.detail}",
                title=lost.title,
                advice=f"Look for {name} in the list of jobs before you submit again.",
                request_id=lost.request_id,
            ) from lost
        if found is None:
            raise error or NotFoundError(f"Job {name} was submitted, but the workspace doesn't list it.")
        return found

    def _plan(self, spec: AnyJob, base: Path, *, strict: bool) -> _Plan:
        faults = list(check_job(spec, base))
        named = {fault.path for fault in faults if fault.severity == "error"}
        asked = [*self._checks.faults(spec), *_conda_faults(spec, base)]
        told = {fault.path for fault in asked}
        # what the workspace says of a field is more than a warning that needed no workspace
        faults = [fault for fault in faults if fault.severity == "error" or fault.path not in told]
        faults += [fault for fault in asked if fault.path not in named]
        code, git = CodeListing(), dict[str, str]()
        path = getattr(program_of(spec), "code", None)
        if path is not None and not named & {"code", "trial.code"}:
            folder = local_path(base, path)
            git = git_state(folder)
            try:
                code = list_code(folder)
            except SpecError as error:
                faults += error.faults
        if strict:
            faults = [replace(f, severity="error") if f.severity == "note" else f for f in faults]
        faults.sort(key=lambda fault: _SEVERITY[fault.severity])
        return _Plan(tuple(faults), code, git)

    def _uploaded(self, spec: AnyJob, base: Path, plan: _Plan, number: int) -> AnyJob:
        """The spec with URIs in the place of local paths, as the SDK takes it."""
        inputs = {name: self._input(given, base, number) for name, given in spec.inputs.items()}
        if isinstance(spec, AutoMLJob):
            return normal_form(replace(spec, **inputs))
        program = spec.trial if isinstance(spec, SweepJob) else spec
        code = None
        if program.code is not None:
            code = f"azureml:{self._code.put(local_path(base, program.code), plan.code, number)}"
        environment = program.environment
        if isinstance(environment, EnvironmentSpec) and environment.conda_file is not None:
            environment = replace(environment, conda_file=conda_content(environment, base))
        if isinstance(spec, SweepJob):
            trial = replace(spec.trial, code=code, environment=environment)
            return normal_form(replace(spec, inputs=inputs, trial=trial))
        return normal_form(replace(spec, code=code, inputs=inputs, environment=environment))

    def _input(self, given: Any, base: Path, number: int) -> Any:
        if not isinstance(given, JobInput) or given.type in LITERAL_TYPES or not given.path or is_remote(given.path):
            return given
        local = local_files(local_path(base, given.path.removeprefix("file://")))
        return replace(given, path=upload_asset(self._storage, local, self._connection.operations, number))


def _sdk_job(spec: AnyJob) -> Any:
    from azure.ai.ml import load_job

    job = load_job(io.StringIO(to_yaml(spec)))
    if isinstance(spec, AutoMLJob):
        # which it would send under names that the service doesn't know (azure-ai-ml 1.35)
        for name in ("resources", "queue_settings"):
            if (given := getattr(job, name)) is not None:
                setattr(job, name, given._to_rest_object())
    if isinstance(spec, SparkJob):
        # loaded is a node of a pipeline, which loses properties on its way to a job (azure-ai-ml 1.35)
        to_job = job._to_job

        def with_properties() -> Any:
            made = to_job()
            made.properties_sparkJob = dict(spec.properties)
            return made

        job._to_job = with_properties
    return job


def _conda_faults(spec: AnyJob, base: Path) -> tuple[Fault, ...]:
    environment = getattr(program_of(spec), "environment", None)
    if not isinstance(environment, EnvironmentSpec) or environment.conda_file is None:
        return ()
    try:
        conda_content(environment, base)
    except SpecError as error:
        if isinstance(spec, SweepJob):
            return tuple(replace(fault, path=f"trial.{fault.path}") for fault in error.faults)
        return error.faults
    return ()


def _again(job: Body, name: str, digest: str) -> Body:
    """The job, if it came from the same spec. Raises ConflictError."""
    told = properties_of(job).get("properties")
    if not isinstance(told, dict) or told.get(DIGEST) != digest:
        raise ConflictError(
            f"There is a job named {name} already, made from another specification.",
            title="The name is taken",
            advice="Give the job another name, or none.",
        )
    return job
