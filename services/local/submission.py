"""Pre-flight and submit of a job on this machine."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.entities import Preflight
from services.errors import ConflictError, Fault, ServiceError, SpecError
from services.git import git_state
from services.local import mlflow_store, supervisor
from services.local.bindings import Binder, Bindings
from services.local.database import Database
from services.local.layout import Layout
from services.local.pools import Pool, Pools, compute_name
from services.local.python_environments import EnvironmentResolver, PythonEnvironment
from services.local.spark import local_spark
from services.local.sweep_jobs import supervised_sweep, sweep_faults
from services.names import experiment_name, make_name, text_tags
from services.specs.assets import EnvironmentSpec
from services.specs.automl import AutoMLJob
from services.specs.checking import check_job
from services.specs.code import CodeListing, copy_code, list_code
from services.specs.command import CommandJob
from services.specs.conda import conda_content
from services.specs.expressions import substitute
from services.specs.jobs import AnyJob, command_text, program_of
from services.specs.show_as import as_yaml
from services.specs.spark import SparkJob
from services.specs.sweep import SweepJob, trial_job
from services.specs.writing import to_yaml

THIS_MACHINE = "this-machine"
"""The compute of a local workspace."""
_SUPERVISE = Path(__file__).resolve().with_name("supervise.py")
_BY_NAME = "SELECT name, spec_digest FROM jobs WHERE name = ?"
_SEVERITY = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Parent:
    """The job that a child is part of."""

    name: str
    run_id: str


@dataclass(frozen=True)
class _Run:
    run_id: str
    experiment_id: int
    experiment: str
    artifacts: Path
    parent: Parent | None


@dataclass(frozen=True)
class Plan:
    """Everything that a submit needs, found without writing anything.

    Attributes:
        command: the spec, or what a job of another type runs as here; of a sweep what its trials run.
    """

    spec: AnyJob
    command: CommandJob
    name: str
    faults: tuple[Fault, ...]
    bindings: Bindings
    environment: PythonEnvironment | None
    code: CodeListing
    git: Mapping[str, str]
    pool: Pool | None

    @property
    def errors(self) -> list[Fault]:
        """What stops the submit."""
        return [fault for fault in self.faults if fault.severity == "error"]


class Submitter:
    """Starts jobs in a workspace folder; blocking, called in the adapter's threads."""

    def __init__(
        self, layout: Layout, database: Database, binder: Binder, environments: EnvironmentResolver, slots: int
    ) -> None:
        self.layout = layout
        self.database = database
        self.binder = binder
        self.environments = environments
        self.slots = slots
        self.pools = Pools(layout)

    def preflight(self, spec: AnyJob, base: Path, *, strict: bool) -> Preflight:
        """What submit would do."""
        plan = self.plan(spec, base, strict=strict)
        code = plan.code
        return Preflight(plan.faults, code.files, code.left_out, code.ignore_file, as_yaml(spec), plan.git)

    def plan(self, spec: AnyJob, base: Path, *, strict: bool) -> Plan:
        """Check everything and bind everything."""
        name = spec.name or make_name()
        pool = self.pools.named(spec.compute)
        faults = list(check_job(spec, base))
        command, notes = _command(spec)
        faults += [*notes, *_replaced(command, pool)]
        place = "trial." if isinstance(spec, SweepJob) else ""
        named = {fault.path for fault in faults if fault.severity == "error"}
        bindings = self.binder.bind(command, base, name)
        faults += [fault for fault in bindings.faults if fault.path not in named]
        environment: PythonEnvironment | None = None
        try:
            environment, notes = self.environments.resolve(command.environment, base)
            faults += notes
        except SpecError as error:
            found = [replace(fault, path=f"{place}{fault.path}") for fault in error.faults]
            faults += [fault for fault in found if fault.path not in named]
        code, git = CodeListing(), {}
        if command.code is not None and f"{place}code" not in named:
            folder = base / Path(command.code).expanduser()
            git = git_state(folder)
            try:
                code = list_code(folder)
            except SpecError as error:
                faults += error.faults
        if strict:
            faults = [replace(f, severity="error") if f.severity == "note" else f for f in faults]
        faults.sort(key=lambda fault: _SEVERITY[fault.severity])
        return Plan(spec, command, name, tuple(faults), bindings, environment, code, git, pool)

    def submit(self, spec: AnyJob, base: Path, *, strict: bool, parent: Parent | None = None) -> str:
        """Start the job; returns its name.

        Args:
            parent: the job whose child it is.

        Raises SpecError, ConflictError, MachineError, WorkspaceError, OSError; then nothing was started or left.
        """
        self.database.check_writable()
        digest = hashlib.sha256(f"{to_yaml(spec)}\n{base}".encode()).hexdigest()
        if spec.name and (row := self._row(spec.name)):
            return self._again(row, digest)
        plan = self.plan(spec, base, strict=strict)
        if plan.errors:
            raise SpecError(plan.errors, advice="Mend these and submit again.")
        mlflow_store.ensure_store(self.layout)
        temporary = self.layout.jobs / f".{plan.name}.{secrets.token_hex(4)}"
        try:
            self._fill(plan, base, temporary)
            run = self._create_run(plan, base, parent)
            try:
                row = self._enter(plan, base, temporary, digest, run)
            except BaseException:
                with suppress(ServiceError):
                    mlflow_store.forget_run(self.layout, run.run_id)
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        if row is not None:
            mlflow_store.forget_run(self.layout, run.run_id)
            return self._again(row, digest)
        start_supervisor(self.layout.job(plan.name))
        return plan.name

    def _row(self, name: str) -> sqlite3.Row | None:
        with self.database.read() as connection:
            row: sqlite3.Row | None = connection.execute(_BY_NAME, (name,)).fetchone()
        return row

    def _again(self, row: sqlite3.Row, digest: str) -> str:
        """The job that a retried submit means; started, if the first submit was ended before it could do that."""
        name: str = row["name"]
        if row["spec_digest"] != digest:
            raise ConflictError(
                f"There is a job named {name} already, made from another specification.",
                title="The name is taken",
                advice="Give the job another name, or none.",
            )
        folder = self.layout.job(name)
        if supervisor.read_state(folder).get("status") == "NotStarted" and not supervisor.holds_lock(folder):
            start_supervisor(folder)  # two for one job are one: the lock decides
        return name

    def _fill(self, plan: Plan, base: Path, folder: Path) -> None:
        """All of the job's folder that takes time."""
        spec, code = plan.spec, plan.command.code
        for part in ("user_logs", "system_logs"):
            (folder / part).mkdir(parents=True, mode=0o700)
        if code is not None:
            copy_code(base / Path(code).expanduser(), plan.code, folder / "code")
        (folder / "job.yml").write_text(to_yaml(self._stored(spec, plan.name, base)), "utf-8")
        (folder / "user_logs" / "std_log.txt").touch()
        (folder / "lock").touch()

    def _create_run(self, plan: Plan, base: Path, parent: Parent | None) -> _Run:
        spec, name = plan.spec, plan.name
        experiment = spec.experiment_name or experiment_name(base)
        git = {key: value for key, value in plan.git.items() if key.startswith("mlflow.")}
        source = {"mlflow.source.type": "JOB", "mlflow.source.name": command_text(spec).strip()[:500]}
        of_parent = {"mlflow.parentRunId": parent.run_id} if parent else {}
        run_id, experiment_id, artifacts = mlflow_store.create_run(
            self.layout,
            experiment_name=experiment,
            job_name=name,
            run_name=spec.display_name or name,
            user=user_name(),
            tags={"lapis.job": name, **of_parent, **source, **git, **text_tags(spec.tags)},
        )
        return _Run(run_id, experiment_id, experiment, artifacts, parent)

    def _enter(self, plan: Plan, base: Path, temporary: Path, digest: str, run: _Run) -> sqlite3.Row | None:
        """Make the job known, in one transaction: row, folder and ticket, or nothing of them.

        Returns the row of a job that took the name in the meantime.
        """
        spec, name, pool, now = plan.spec, plan.name, plan.pool, time.time()
        folder = self.layout.job(name)
        made: list[Path] = []
        try:
            with self.database.write() as connection:
                taken: sqlite3.Row | None = connection.execute(_BY_NAME, (name,)).fetchone()
                if taken is not None:
                    return taken
                if pool and self.pools.named(pool.name) is None:
                    raise ConflictError(f"The pool {pool.name} was deleted meanwhile.")
                (sequence,) = connection.execute("SELECT COALESCE(MAX(sequence), 0) + 1 FROM jobs").fetchone()
                tags = json.dumps(text_tags(spec.tags))
                display_name = spec.display_name or name
                connection.execute(
                    "INSERT INTO jobs (name, sequence, display_name, experiment_name, type, status, compute,"
                    " created_by, created_at, tags, run_id, spec_digest, parent_name)"
                    " VALUES (?, ?, ?, ?, ?, 'NotStarted', ?, ?, ?, ?, ?, ?, ?)",
                    (
                        name,
                        sequence,
                        display_name,
                        run.experiment,
                        spec.type,
                        pool.name if pool else THIS_MACHINE,
                        user_name(),
                        now,
                        tags,
                        run.run_id,
                        digest,
                        run.parent.name if run.parent else None,
                    ),
                )
                queue = self.pools.queue(pool.name) if pool else self.layout.queue
                supervised = {**self._supervised(plan, base, run), "queue": str(queue)}
                if isinstance(spec, SweepJob):
                    supervised |= supervised_sweep(folder)
                elif pool:
                    supervised["pool"] = str(self.pools.folder(pool.name))
                ticket = Path(supervised["queue"], f"{sequence:012d}-{name}")
                supervised["ticket"] = ticket.name
                supervisor.write_json(temporary / "spec.json", supervised)
                timeline = [["NotStarted", now, ""]]
                supervisor.write_json(temporary / "state.json", {"status": "NotStarted", "timeline": timeline})
                if supervisor.read_state(folder).get("status") == "NotStarted":
                    shutil.rmtree(folder)  # of a submit that was ended right here, before its row was there
                temporary.rename(folder)
                made.append(folder)
                ticket.parent.mkdir(exist_ok=True)
                ticket.touch()
                made.append(ticket)
        except BaseException:
            for path in made:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            raise
        return None

    def _stored(self, spec: AnyJob, name: str, base: Path) -> AnyJob:
        """The spec as it is kept: with its name, and with the conda file's content, which may change later."""
        if isinstance(spec, SweepJob):
            trial = replace(spec.trial, environment=_with_content(spec.trial.environment, base))
            return replace(spec, name=name, trial=trial)
        if isinstance(spec, AutoMLJob):
            return replace(spec, name=name)
        return replace(spec, name=name, environment=_with_content(spec.environment, base))

    def _supervised(self, plan: Plan, base: Path, run: _Run) -> dict[str, Any]:
        """spec.json: what the supervisor and the preparation read, but for where the job waits."""
        spec, bound, folder = plan.spec, plan.bindings, self.layout.job(plan.name)
        assert plan.environment is not None  # no errors, so it was resolved
        return {
            # whether Azure runs it with `set -e` is not established; here the last command decides
            "command": ["/bin/bash", "-c", _filled(plan)],
            "cwd": str(folder / "wd"),
            "environment": self._variables(plan, run),
            "timeout": plan.command.limits.timeout if plan.command.limits else None,
            "slots": [str(self.layout.slots / f"{THIS_MACHINE}-{number}.lock") for number in range(self.slots)],
            "mlflow_database": str(self.layout.mlflow_database),
            "run_id": run.run_id,
            "run_artifacts": str(run.artifacts),
            "inputs": bound.plan,
            "output_folders": bound.output_folders,
            "build": plan.environment.build,
            "environment_label": plan.environment.label,
            "notes": [[f.path, f.message, f.severity] for f in plan.faults if f.severity != "error"],
            "ports": {
                "inputs": [[p.name, p.type, p.value, p.mode, p.resolved] for p in bound.inputs],
                "outputs": [[p.name, p.type, p.value, p.mode, p.resolved] for p in bound.outputs],
            },
            "register": bound.register,
            "properties": {**text_tags(spec.properties), **plan.git},
            "base": str(base),
        }

    def _variables(self, plan: Plan, run: _Run) -> dict[str, str]:
        """What the command finds in its environment beyond what the app has; the user's own come last."""
        assert plan.environment is not None
        own = {key: str(value) for key, value in plan.command.environment_variables.items()}
        values = plan.bindings.values
        ports = {f"AZURE_ML_INPUT_{key}": values[f"inputs.{key}"] for key in plan.spec.inputs}
        ports |= {f"AZURE_ML_OUTPUT_{key}": values[f"outputs.{key}"] for key in plan.spec.outputs}
        path = own.pop("PYTHONPATH", os.environ.get("PYTHONPATH", ""))
        environment = {
            **mlflow_store.QUIET,
            "MLFLOW_TRACKING_URI": self.layout.mlflow_uri,
            "MLFLOW_REGISTRY_URI": self.layout.mlflow_uri,
            "MLFLOW_RUN_ID": run.run_id,
            "MLFLOW_EXPERIMENT_ID": str(run.experiment_id),
            "MLFLOW_EXPERIMENT_NAME": run.experiment,
            "AZUREML_RUN_ID": plan.name,
            "AZUREML_ROOT_RUN_ID": plan.name,
            "AZUREML_EXPERIMENT_NAME": run.experiment,
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(Path(__file__).parent / "hook"), path])),
            "LAPIS_HOME": str(Path(__file__).parents[2].resolve()),
            "PATH": f"{plan.environment.bin}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            **ports,
        }
        if plan.environment.folder:
            environment["VIRTUAL_ENV"] = str(plan.environment.folder)
        return environment | own


def start_supervisor(folder: Path) -> None:
    """Start the supervisor of a job in a session of its own, so that it outlives this process and its terminal."""
    with (folder / "system_logs" / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_SUPERVISE), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
        )
    # collected when it ends, or it stays a zombie for as long as the app runs
    threading.Thread(target=process.wait, name=f"wait for {folder.name}", daemon=True).start()


def _command(spec: AnyJob) -> tuple[CommandJob, list[Fault]]:
    """What runs here of a job, and what is wrong with that or replaced."""
    program = program_of(spec)
    if isinstance(spec, SweepJob):
        return trial_job(spec), sweep_faults(spec)
    if isinstance(program, SparkJob):
        return local_spark(program)
    if program is None:
        raise SpecError([Fault("type", f"a job of type {spec.type} does not run on this machine")])
    return program, []


def _with_content(environment: str | EnvironmentSpec | None, base: Path) -> str | EnvironmentSpec | None:
    if isinstance(environment, EnvironmentSpec) and environment.conda_file is not None:
        return replace(environment, conda_file=conda_content(environment, base))
    return environment


def _filled(plan: Plan) -> str:
    """The command with its values; of a sweep each trial fills it."""
    if isinstance(plan.spec, SweepJob):
        return ""
    return substitute(plan.command.command, plan.bindings.values)


def _replaced(spec: CommandJob, pool: Pool | None) -> list[Fault]:
    """What this machine hasn't got, and what it does instead."""
    notes = []
    compute = compute_name(spec.compute)
    if pool is None and compute not in ("", THIS_MACHINE, "local"):
        notes.append(Fault("compute", f"{compute} is replaced by this machine", "note"))
    left_out = (name for name in ("services", "distribution", "identity", "queue_settings") if getattr(spec, name))
    notes += [Fault(name, "is left out: it means nothing on this machine", "note") for name in left_out]
    if spec.resources:
        count = spec.resources.instance_count or 1
        if count > 1:
            what = f"{count} instances are replaced by this machine"
            notes.append(Fault("resources.instance_count", what, "note"))
        elif any(value not in (None, 1) for value in vars(spec.resources).values()):
            notes.append(Fault("resources", "is left out: this machine is what it is", "note"))
    return notes


def user_name() -> str:
    """Who submits."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
