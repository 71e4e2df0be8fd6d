"""All that the emulator's route handlers share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from starlette.requests import Request

from tests.azure_emulator.faults import Faults
from tests.azure_emulator.identity import Directory
from tests.azure_emulator.operations import Operations
from tests.azure_emulator.request_log import RequestLog
from tests.azure_emulator.store import Store

if TYPE_CHECKING:
    from tests.azure_emulator.mlflow_server import MlflowServer
    from tests.azure_emulator.storage import Storage


@dataclass
class Settings:
    """How the service behaves; tests change these at any time.

    `latency` is waited before each answer and `operation_seconds` is how long operations take, in seconds (infinite:
    until `Operations.finish_all`). `retry_after` is the header of that name in answers about operations, which the true
    service leaves out. `secrets` is what listSecrets gives: Sas or AccountKey. `clock_offset` is how far the
    service's clock is ahead of this machine's. `remaining_reads` counts down in the rate-limit header.
    """

    region: str = "westeurope"
    latency: float = 0.0
    page_size: int = 30
    operation_seconds: float = 0.05
    retry_after: int | None = None
    secrets: str = "Sas"
    clock_offset: timedelta = timedelta(0)
    remaining_reads: int = 249
    remaining_writes: int = 199


JobHook = Callable[[str], None]


@dataclass
class Emulator:
    """The state of the emulated service.

    Hooks are called with the ARM id of a job, in the server's event loop: they must not block.
    """

    store: Store = field(default_factory=Store)
    faults: Faults = field(default_factory=Faults)
    operations: Operations = field(default_factory=Operations)
    requests: RequestLog = field(default_factory=RequestLog)
    settings: Settings = field(default_factory=Settings)
    directory: Directory = field(default_factory=Directory)
    storage: Storage | None = None
    mlflow: MlflowServer | None = None
    run_errors: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Why runs failed, by the lower-cased id of the job, as run history tells it."""
    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The secrets that datastores were made with, by the lower-cased id of the datastore."""
    shared_files: dict[str, bytes] = field(default_factory=dict)
    """The files in file shares, by `SHARE/PATH`."""
    diagnosis: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """What a diagnosis of a workspace finds: results (code, level, message) by the name of what they are about."""
    submitted_hooks: list[JobHook] = field(default_factory=list)
    cancelled_hooks: list[JobHook] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Method and path of each request that no route answers."""

    crashes: list[str] = field(default_factory=list)
    """The traceback of each error of the emulator's own."""

    def now(self) -> datetime:
        """What the service's clock says."""
        return datetime.now(UTC) + self.settings.clock_offset

    def on_job_submitted(self, job_id: str) -> None:
        """Tells those who run jobs that one has come."""
        _call(self.submitted_hooks, job_id)

    def on_job_cancelled(self, job_id: str) -> None:
        """Tells those who run jobs that one is to end."""
        _call(self.cancelled_hooks, job_id)

    def reset(self) -> None:
        """As new: no resources, no faults, no log, default settings. Hooks, storage and MLflow's server stay."""
        self.operations.clear()
        self.faults.clear()
        self.store.clear()
        self.requests.clear()
        self.unknown.clear()
        self.crashes.clear()
        self.run_errors.clear()
        self.secrets.clear()
        self.shared_files.clear()
        self.diagnosis.clear()
        if self.mlflow is not None:
            self.mlflow.clear()
        self.directory.reset()
        self.settings = Settings()


def emulator_of(request: Request) -> Emulator:
    """The emulator that a request came to."""
    return cast(Emulator, request.app.state.emulator)


def _call(hooks: Iterable[JobHook], job_id: str) -> None:
    for hook in tuple(hooks):
        hook(job_id)
