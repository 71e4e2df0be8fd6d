"""Runs the command and Spark jobs that are submitted, as a cluster would: data from storage, real processes."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from threading import Event, Thread
from typing import Any, Self

from services.local.mlflow_store import QUIET
from services.local.preparation import copy_code
from services.local.supervisor import MARK, MLFLOW_STATUS, marked
from services.specs.expressions import substitute
from tests.azure_emulator.arm import WorkspaceId
from tests.azure_emulator.control_plane.assets import put_version
from tests.azure_emulator.emulator import Emulator
from tests.azure_emulator.job_data import Bound, JobData, Place
from tests.azure_emulator.mlflow_server import MlflowServer
from tests.azure_emulator.run_history import run_folder, user_error
from tests.azure_emulator.storage import ARTIFACT_CONTAINER, Storage
from tests.azure_emulator.store import FINAL_STATUSES
from tests.support.spark import spark_python, why_no_spark

USER_LOG = "user_logs/std_log.txt"
SYSTEM_LOG = "system_logs/lifecycler/execution-wrapper.log"
PASSED_ON = ("LANG", "LC_ALL", "PATH", "TMPDIR", "TZ", "USER")
"""What a job sees of the environment of this process: a cluster knows nothing of its client."""
BLOCK = 4 << 20
"""Bytes that an append blob takes at once."""
TICK = 0.05
"""Seconds between two looks at what a job has printed."""
GRACE = 2.0
"""Seconds between asking the processes of a canceled job to end and ending them."""
LINES_TOLD = 10
"""How much of the end of the log the error of a failed run repeats."""
_DURATION = re.compile(r"^PT(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>[\d.]+)S)?$")


class CanceledError(Exception):
    """Somebody asked for the end of the job, or its time is over."""


class JobRunner:
    """Runs jobs while a `with` block lasts, each as soon as it comes; what still runs at the end is ended.

    Needs the emulator's storage and MLflow server. Jobs of other types than command and Spark stay as they are.
    """

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self._emulator = emulator
        self._folder = Path(mkdtemp(prefix="jobs-", dir=folder))
        self._runs: dict[str, JobRun] = {}
        self._numbers = count()

    def __enter__(self) -> Self:
        self._emulator.submitted_hooks.append(self._submitted)
        self._emulator.cancelled_hooks.append(self._cancelled)
        return self

    def __exit__(self, *_: object) -> None:
        self._emulator.submitted_hooks.remove(self._submitted)
        self._emulator.cancelled_hooks.remove(self._cancelled)
        self.end_all()

    def end_all(self) -> None:
        """End what runs, and wait until it has ended."""
        for run in self._runs.values():
            run.cancel()
        for run in self._runs.values():
            run.join()
        self._runs.clear()

    def _submitted(self, job_id: str) -> None:
        if self._emulator.store[job_id]["properties"]["jobType"] in {"Command", "Spark"}:
            run = JobRun(self._emulator, job_id, self._folder / str(next(self._numbers)))
            self._runs[job_id.lower()] = run
            run.start()

    def _cancelled(self, job_id: str) -> None:
        if run := self._runs.get(job_id.lower()):
            run.cancel()
        else:
            self._emulator.store.set_status(job_id, "Canceled")


class JobRun(Thread):
    """One job from the queue to its end."""

    def __init__(self, emulator: Emulator, job_id: str, folder: Path) -> None:
        super().__init__(name=f"run {job_id.rpartition('/')[2]}", daemon=True)
        assert emulator.storage is not None
        assert emulator.mlflow is not None
        self._emulator = emulator
        self._storage: Storage = emulator.storage
        self._mlflow: MlflowServer = emulator.mlflow
        self._job = emulator.store[job_id]
        self._name: str = self._job["name"]
        self._log = self._storage.client.get_blob_client(ARTIFACT_CONTAINER, f"{run_folder(self._name)}/{USER_LOG}")
        self._folder = folder
        self._canceled = Event()
        self._data = JobData(emulator.store, self._storage, WorkspaceId.parse(job_id))
        self._artifacts = self._mlflow.layout.run_artifacts(self._name)

    def cancel(self) -> None:
        """Ask for its end; returns at once."""
        self._canceled.set()

    def run(self) -> None:
        """Everything; the job ends in a final status whatever happens."""
        status, problem = "Failed", ""
        try:
            code = self._execute()
            status = "Completed" if code == 0 else "Failed"
            problem = "" if code == 0 else self._describe(code)
        except CanceledError:
            status = "Canceled"
        except Exception as error:  # the status must tell it, whatever it was
            problem = f"{type(error).__name__}: {error}"
        try:
            self._finish(status, problem)
        except Exception as error:
            status, problem = "Failed", f"{type(error).__name__}: {error}"
        if status == "Failed":
            self._emulator.run_errors[self._job["id"].lower()] = user_error(problem)
        self._mlflow.update_run(self._name, MLFLOW_STATUS[status], end_time=time.time())
        with suppress(KeyError):  # the store was emptied meanwhile
            self._emulator.store.set_status(self._job["id"], status)

    def _advance(self, status: str) -> None:
        """A step on the way, unless somebody wants it to end."""
        with self._emulator.store.locked():
            if self._canceled.is_set() or self._job["properties"]["status"] in {"CancelRequested", *FINAL_STATUSES}:
                raise CanceledError
            self._emulator.store.set_status(self._job["id"], status)

    def _execute(self) -> int:
        properties = self._job["properties"]
        self._mlflow.create_run(
            self._name,
            experiment=properties["experimentName"],
            display_name=properties["displayName"],
            user=self._job["systemData"]["createdBy"],
            tags={"mlflow.rootRunId": self._name, **properties["tags"]},
        )
        self._advance("Preparing")
        self._log.create_append_blob()
        self._data.fetch_code(self._job, self._folder / "code")
        copy_code(self._folder / "code", self._folder / "wd", self._artifacts)
        bound = self._data.bind(self._job, self._folder)
        self._advance("Running")
        self._mlflow.update_run(self._name, "RUNNING", start_time=time.time())
        code = self._run_command(substitute(command_of(properties), bound.values), self._environment(bound))
        self._advance("Finalizing")
        for path, place in bound.outputs.values():
            if path.exists():
                self._data.put(path, place)
        if code == 0:
            self._register(bound)
        return code

    def _register(self, bound: Bound) -> None:
        """Make data assets of the outputs that ask for it; one without a version gets the next."""
        emulator, workspace = self._emulator, WorkspaceId.parse(self._job["id"])
        for key in bound.outputs:
            given = self._job["properties"]["outputs"][key]
            if name := given.get("assetName"):
                known = emulator.store.get(f"{workspace}/data/{name}")
                version = given.get("assetVersion") or (known["properties"]["nextVersion"] if known else "1")
                asset = {"dataType": given["jobOutputType"], "dataUri": given["uri"]}
                put_version(emulator, workspace, "data", name, version, asset, by=self._job["systemData"]["createdBy"])

    def _run_command(self, command: str, environment: Mapping[str, str]) -> int:
        log = self._folder / "std_log.txt"
        limit = _seconds((self._job["properties"].get("limits") or {}).get("timeout"))
        deadline = time.monotonic() + limit if limit else None
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["/bin/bash", "-c", command],
                cwd=self._folder / "wd",
                env={**environment, MARK: str(self._folder)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            with log.open("rb") as printed:
                while True:
                    code = _wait(process)
                    if news := printed.read(BLOCK):
                        self._log.append_block(news)
                    elif code is not None:
                        return code
                    if self._canceled.is_set() or (deadline is not None and time.monotonic() > deadline):
                        raise CanceledError
        finally:
            end_tree(self._folder)
            process.wait()

    def _environment(self, bound: Bound) -> dict[str, str]:
        properties = self._job["properties"]
        workspace = WorkspaceId.parse(self._job["id"])
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        ports = {
            f"AZURE_ML_{kind.removesuffix('s').upper()}_{name}": value
            for kind, separator, name, value in ((*key.partition("."), value) for key, value in bound.values.items())
            if separator
        }
        return {
            **{key: os.environ[key] for key in PASSED_ON if key in os.environ},
            **QUIET,
            "PATH": path,
            "HOME": str(self._folder),
            "PYTHONUNBUFFERED": "1",
            "MLFLOW_TRACKING_URI": self._mlflow.url,
            "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # the address is none that a user could open
            "MLFLOW_RUN_ID": self._name,
            "MLFLOW_EXPERIMENT_NAME": properties["experimentName"],
            "AZUREML_RUN_ID": self._name,
            "AZUREML_EXPERIMENT_NAME": properties["experimentName"],
            "AZUREML_ARM_SUBSCRIPTION": workspace.subscription,
            "AZUREML_ARM_RESOURCEGROUP": workspace.group,
            "AZUREML_ARM_WORKSPACE_NAME": workspace.name,
            **ports,
            **(properties.get("environmentVariables") or {}),
        }

    def _finish(self, status: str, problem: str) -> None:
        """Take all to storage that the run left, also when it failed."""
        self._mlflow.gather_models(self._name)
        if self._artifacts.exists():
            self._data.put(self._artifacts, Place(ARTIFACT_CONTAINER, run_folder(self._name)))
        told = f"{status} {problem}".strip()
        blob = f"{run_folder(self._name)}/{SYSTEM_LOG}"
        self._storage.write_blob(ARTIFACT_CONTAINER, blob, f"{told}\n".encode())

    def _describe(self, code: int) -> str:
        number = code if code >= 0 else 128 - code
        tail = (self._folder / "std_log.txt").read_text("utf-8", "replace").splitlines()[-LINES_TOLD:]
        sentence = (
            f"Execution failed. User process '/bin/bash' exited with status code {number}. "
            f"Please check log file '{USER_LOG}' for error details."
        )
        return f"{sentence} Error: {chr(10).join(tail)}" if tail else sentence


def command_of(properties: Mapping[str, Any]) -> str:
    """What a job runs; of a Spark job its file by Spark, or by this interpreter where there is no Spark."""
    if properties["jobType"] == "Command":
        return str(properties["command"])
    script = f"{shlex.quote(properties['entry']['file'])} {properties.get('args') or ''}"
    if why_no_spark():
        return f"{shlex.quote(sys.executable)} {script}"
    conf = {**(properties.get("conf") or {}), "spark.log.level": "WARN"}
    options = " ".join(f"--conf {shlex.quote(f'{key}={value}')}" for key, value in conf.items())
    python = shlex.quote(spark_python())
    submit = shlex.quote(str(Path(spark_python()).parent / "spark-submit"))
    return f"PYSPARK_PYTHON={python} SPARK_LOCAL_IP=127.0.0.1 {submit} --master 'local[1]' {options} {script}"


def end_tree(folder: Path) -> None:
    """End all processes of the job that runs in a folder, whatever session or parent they have by now."""
    began = time.monotonic()
    while found := marked(folder):
        waited = time.monotonic() - began
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM if waited < GRACE else signal.SIGKILL)
        if waited > 5 * GRACE:
            raise TimeoutError(f"processes {found} don't end")
        time.sleep(0.02)


def _wait(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(TICK)
    except subprocess.TimeoutExpired:
        return None


def _seconds(duration: str | None) -> float | None:
    """The seconds of an ISO 8601 duration, such as PT1H30M."""
    found = _DURATION.match(duration or "")
    if found is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.group("hours", "minutes", "seconds"))
    return hours * 3600 + minutes * 60 + seconds
