"""Pre-flight and submit of a command job on this machine."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.entities import Preflight
from services.errors import ConflictError, Fault, MachineError, SpecError, WorkspaceError
from services.git import git_state
from services.local import mlflow_store, supervisor
from services.local.bindings import Binder, Bindings
from services.local.database import Database
from services.local.layout import Layout
from services.local.python_environments import EnvironmentResolver, PythonEnvironment, conda_content
from services.specs.assets import EnvironmentSpec
from services.specs.checking import check_job
from services.specs.code import CodeListing, copy_code, list_code
from services.specs.command import CommandJob
from services.specs.expressions import substitute
from services.specs.show_as import as_yaml
from services.specs.writing import to_yaml

THIS_MACHINE = "this-machine"
"""The compute of a local workspace."""
_SEVERITY = {"error": 0, "warning": 1, "note": 2}
_ADJECTIVES = ("amber", "brave", "calm", "clever", "dapper", "eager", "gentle", "happy", "jolly", "keen", "lucid", "mellow",
               "nimble", "olive", "plucky", "quiet", "rosy", "sunny", "tidy", "witty")  # fmt: skip
_NOUNS = ("apple", "basil", "cedar", "dune", "ember", "fern", "garden", "harbor", "iris", "juniper", "kite", "lagoon",
          "maple", "nectar", "oak", "pebble", "quartz", "river", "sail", "tulip")  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Everything that a submit needs, found without writing anything."""

    spec: CommandJob
    name: str
    faults: tuple[Fault, ...]
    bindings: Bindings
    environment: PythonEnvironment | None
    code: CodeListing
    git: Mapping[str, str]

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

    def preflight(self, spec: CommandJob, base: Path, *, strict: bool) -> Preflight:
        """What submit would do."""
        plan = self.plan(spec, base, strict=strict)
        return Preflight(plan.faults, plan.code.files, plan.code.ignored, as_yaml(spec), plan.git)

    def plan(self, spec: CommandJob, base: Path, *, strict: bool) -> Plan:
        """Check everything and bind everything."""
        name = spec.name or make_name()
        faults = [*check_job(spec, base), *_replaced(spec)]
        named = {fault.path for fault in faults if fault.severity == "error"}
        bindings = self.binder.bind(spec, base, name)
        faults += [fault for fault in bindings.faults if fault.path not in named]
        environment: PythonEnvironment | None = None
        try:
            environment, notes = self.environments.resolve(spec.environment, base)
            faults += notes
        except SpecError as error:
            faults += [fault for fault in error.faults if fault.path not in named]
        code, git = CodeListing(), {}
        if spec.code is not None and "code" not in named:
            folder = base / Path(spec.code).expanduser()
            git = git_state(folder)
            try:
                code = list_code(folder)
            except SpecError as error:
                faults += error.faults
        if strict:
            faults = [replace(f, severity="error") if f.severity == "note" else f for f in faults]
        faults.sort(key=lambda fault: _SEVERITY[fault.severity])
        return Plan(spec, name, tuple(faults), bindings, environment, code, git)

    def submit(self, spec: CommandJob, base: Path, *, strict: bool) -> str:
        """Start the job; returns its name. Raises SpecError, ConflictError, MachineError, WorkspaceError."""
        if self.database.read_only:
            raise WorkspaceError(f"{self.layout.root} can't be written.", title="The workspace is read-only")
        digest = hashlib.sha256(f"{to_yaml(spec)}\n{base}".encode()).hexdigest()
        if spec.name and self._is_same(spec.name, digest):
            return spec.name
        plan = self.plan(spec, base, strict=strict)
        if plan.errors:
            raise SpecError(plan.errors, advice="Mend these and submit again.")
        mlflow_store.ensure_store(self.layout)
        folder = self.layout.job(plan.name)
        temporary = self.layout.jobs / f".{plan.name}.{os.getpid()}"
        try:
            self._write(plan, base, temporary, digest)
            temporary.rename(folder)
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise MachineError(
                f"The job's folder can't be written: {error.strerror}. Nothing was started.",
                title="The disk is full" if error.errno == 28 else "The job can't be started",
                advice="Free some space and submit again.",
            ) from error
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        start_supervisor(folder)
        return plan.name

    def _is_same(self, name: str, digest: str) -> bool:
        with self.database.read() as connection:
            row = connection.execute("SELECT spec_digest FROM jobs WHERE name = ?", (name,)).fetchone()
        if row is None:
            return False
        if row["spec_digest"] != digest:
            raise ConflictError(
                f"There is a job named {name} already, made from another specification.",
                title="The name is taken",
                advice="Give the job another name, or none.",
            )
        return True

    def _write(self, plan: Plan, base: Path, folder: Path, digest: str) -> None:
        """Fill the job's folder, then make its run, its row and its ticket: what comes first is undone most easily."""
        spec, name = plan.spec, plan.name
        assert plan.environment is not None  # no errors, so it was resolved
        folder.mkdir(parents=True, mode=0o700)
        for part in ("user_logs", "system_logs"):
            (folder / part).mkdir()
        if spec.code is not None:
            copy_code(base / Path(spec.code).expanduser(), plan.code, folder / "code")
        stored = self._stored(spec, name, base)
        (folder / "job.yml").write_text(to_yaml(stored), "utf-8")
        (folder / "user_logs" / "std_log.txt").touch()
        (folder / "lock").touch()
        experiment, user = spec.experiment_name or _experiment_name(base), user_name()
        display_name = spec.display_name or name
        tags = {key: "" if value is None else str(value) for key, value in spec.tags.items()}
        run_id, experiment_id, artifacts = mlflow_store.create_run(
            self.layout,
            experiment_name=experiment,
            job_name=name,
            run_name=display_name,
            user=user,
            tags={"lapis.job": name, **self._source_tags(plan), **tags},
        )
        try:
            now = time.time()
            row = (name, display_name, experiment, THIS_MACHINE, user, now, json.dumps(tags), run_id, digest)
            sequence = self._insert(row)
            supervised = self._supervised(plan, run_id, experiment_id, experiment, artifacts, f"{sequence:012d}-{name}")
            supervised["base"] = str(base)
            supervisor.write_json(folder / "spec.json", supervised)
            timeline = [["NotStarted", now, ""]]
            supervisor.write_json(folder / "state.json", {"status": "NotStarted", "timeline": timeline})
            (self.layout.queue / supervised["ticket"]).touch()
        except BaseException:
            self._forget(name, run_id)
            raise

    def _stored(self, spec: CommandJob, name: str, base: Path) -> CommandJob:
        """The spec as it is kept: with its name, and with the conda file's content, which may change later."""
        environment = spec.environment
        if isinstance(environment, EnvironmentSpec) and environment.conda_file is not None:
            environment = replace(environment, conda_file=conda_content(environment, base))
        return replace(spec, name=name, environment=environment)

    def _source_tags(self, plan: Plan) -> dict[str, str]:
        git = {key: value for key, value in plan.git.items() if key.startswith("mlflow.")}
        return {"mlflow.source.type": "JOB", "mlflow.source.name": plan.spec.command.strip()[:500], **git}

    def _insert(self, row: tuple[Any, ...]) -> int:
        with self.database.write() as connection:
            (sequence,) = connection.execute("SELECT COALESCE(MAX(sequence), 0) + 1 FROM jobs").fetchone()
            connection.execute(
                "INSERT INTO jobs (name, display_name, experiment_name, compute, created_by, created_at, tags, run_id,"
                " spec_digest, sequence, type, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'command', 'NotStarted')",
                (*row, sequence),
            )
        return int(sequence)

    def _forget(self, name: str, run_id: str) -> None:
        try:
            mlflow_store.end_run(self.layout, run_id, "FAILED")
            with self.database.write() as connection:
                connection.execute("DELETE FROM jobs WHERE name = ?", (name,))
        except Exception:  # noqa: BLE001, S110: the first error is the one to tell
            pass

    def _supervised(
        self, plan: Plan, run_id: str, experiment_id: int, experiment: str, artifacts: Path, ticket: str
    ) -> dict[str, Any]:
        """spec.json: what the supervisor and the preparation read."""
        spec, bound, name = plan.spec, plan.bindings, plan.name
        assert plan.environment is not None
        folder = self.layout.job(name)
        hook = Path(__file__).parent / "hook"
        outputs = {f"AZUREML_OUTPUT_{key}": bound.values[f"outputs.{key}"] for key in spec.outputs}
        environment = {
            **mlflow_store.QUIET,
            "MLFLOW_TRACKING_URI": self.layout.mlflow_uri,
            "MLFLOW_REGISTRY_URI": self.layout.mlflow_uri,
            "MLFLOW_RUN_ID": run_id,
            "MLFLOW_EXPERIMENT_ID": str(experiment_id),
            "AZUREML_RUN_ID": name,
            "AZUREML_ROOT_RUN_ID": name,
            "AZUREML_EXPERIMENT_NAME": experiment,
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(hook), os.environ.get("PYTHONPATH", "")])),
            "LAPIS_HOME": str(Path(__file__).parents[2].resolve()),
            "PATH": f"{_bin(plan.environment)}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            **outputs,
        }
        return {
            # whether Azure runs it with `set -e` is not established; here the last command decides
            "command": ["/bin/bash", "-c", substitute(spec.command, bound.values)],
            "cwd": str(folder / "wd"),
            "environment": environment,
            "environment_variables": {key: str(value) for key, value in spec.environment_variables.items()},
            "timeout": spec.limits.timeout if spec.limits else None,
            "queue": str(self.layout.queue),
            "ticket": ticket,
            "slots": [str(self.layout.slots / f"{THIS_MACHINE}-{number}.lock") for number in range(self.slots)],
            "mlflow_database": str(self.layout.mlflow_database),
            "run_id": run_id,
            "run_artifacts": str(artifacts),
            "inputs": bound.plan,
            "output_folders": bound.output_folders,
            "build": plan.environment.build,
            "environment_label": plan.environment.label,
            "notes": [[f.path, f.message, f.severity] for f in plan.faults if f.severity != "error"],
            "ports": {
                "inputs": [[p.name, p.type, p.value, p.mode, p.resolved] for p in bound.inputs],
                "outputs": [[p.name, p.type, p.value, p.mode, p.resolved] for p in bound.outputs],
            },
            "properties": dict(plan.git),
        }


def start_supervisor(folder: Path) -> None:
    """Start the supervisor of a job in a session of its own, so that it outlives this process and its terminal."""
    with (folder / "system_logs" / "supervisor.log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(supervisor.__file__)), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
        )


def _bin(environment: PythonEnvironment) -> Path:
    """The folder of the interpreter: its tools come first on the path, or a bare `pip` would be another one's."""
    from services.local.python_environments import interpreter

    return environment.folder / "bin" if environment.folder else Path(interpreter()).parent


def _replaced(spec: CommandJob) -> list[Fault]:
    """What this machine hasn't got, and what it does instead."""
    notes = []
    compute = (spec.compute or "").removeprefix("azureml:")
    if compute not in ("", THIS_MACHINE, "local"):
        notes.append(Fault("compute", f"{compute} is replaced by this machine", "note"))
    for name in ("services", "distribution", "identity", "queue_settings"):
        if getattr(spec, name):
            notes.append(Fault(name, "is left out: it means nothing on this machine", "note"))
    if spec.resources:
        count = spec.resources.instance_count or 1
        what = (
            f"{count} instances are replaced by this machine"
            if count > 1
            else "is left out: this machine is what it is"
        )
        notes.append(Fault("resources.instance_count" if count > 1 else "resources", what, "note"))
    return notes


def make_name() -> str:
    """A name as Azure ML makes them: adjective_noun_suffix."""
    alphabet = "0123456789bcdfghjklmnpqrstvwxyz"
    suffix = "".join(secrets.choice(alphabet) for _ in range(10))
    return f"{secrets.choice(_ADJECTIVES)}_{secrets.choice(_NOUNS)}_{suffix}"


def _experiment_name(base: Path) -> str:
    """The folder's name, as az ml takes it, in the characters that an experiment may have."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", base.resolve().name).strip("-_") or "Default"


def user_name() -> str:
    """Who submits."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
