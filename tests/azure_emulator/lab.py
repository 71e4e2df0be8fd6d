"""Azure on this machine, for as long as a `with` block lasts."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from threading import Thread
from types import TracebackType
from typing import Any, Self

import uvicorn
from azure.core.credentials import AccessToken

from tests.azure_emulator.app import make_app, make_instance_app
from tests.azure_emulator.arm import WorkspaceId
from tests.azure_emulator.certificates import make_certificates
from tests.azure_emulator.emulator import Emulator
from tests.azure_emulator.faults import Faults
from tests.azure_emulator.file_shares import HOST as FILES_HOST
from tests.azure_emulator.identity import MEMBER, TENANT, TOKEN_SECONDS, Directory, Identity
from tests.azure_emulator.jail import Jail, serve_untrusted
from tests.azure_emulator.job_seeds import seed_jobs
from tests.azure_emulator.mlflow_server import MlflowServer
from tests.azure_emulator.operations import Operations
from tests.azure_emulator.request_log import RequestLog
from tests.azure_emulator.runner import JobRunner
from tests.azure_emulator.seeding import seed_new_workspace, seed_workspace
from tests.azure_emulator.sign_in import MSI_SECRET
from tests.azure_emulator.storage import Storage
from tests.azure_emulator.store import Resource, Store

SERVICE_HOSTS = ("management.azure.com", "login.microsoftonline.com", "ml.azure.com", "*.api.azureml.ms", FILES_HOST)


class LabCredential:
    """A credential of azure-core's kind that needs no sign-in: tokens come straight from the lab's directory."""

    def __init__(self, directory: Directory, identity: Identity) -> None:
        self._directory = directory
        self.identity = identity

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """A token for the first scope."""
        issued = time.time()
        return AccessToken(self._directory.token(self.identity, scopes[0], issued), int(issued) + TOKEN_SECONDS)


class AzureLab:
    """The emulated service, its network and its clock, in one thread of this process."""

    subscription_id = "11111111-1111-1111-1111-111111111111"
    resource_group = "rg-lab"
    workspace_name = "ws-lab"
    tenant_id = TENANT

    def __init__(self) -> None:
        self.emulator = Emulator()
        self.folder = Path(tempfile.mkdtemp(prefix="azure-emulator-"))
        self.certificates = make_certificates(self.folder / "certificates")
        self._stranger = make_certificates(self.folder / "untrusted")
        self.jail = Jail({}, self.faults)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="azure-emulator", daemon=True)
        self._servers: list[tuple[uvicorn.Server, Future[None]]] = []
        self._proxy_port = 0
        self._instance_port = 0

    @property
    def workspace_id(self) -> WorkspaceId:
        """The workspace that most tests use."""
        return WorkspaceId(self.subscription_id, self.resource_group, self.workspace_name)

    @property
    def store(self) -> Store:
        """The resources that the service holds."""
        return self.emulator.store

    @property
    def faults(self) -> Faults:
        """What goes wrong."""
        return self.emulator.faults

    @property
    def operations(self) -> Operations:
        """What takes its time."""
        return self.emulator.operations

    @property
    def requests(self) -> RequestLog:
        """What was asked of the service."""
        return self.emulator.requests

    @property
    def directory(self) -> Directory:
        """Who may do what."""
        return self.emulator.directory

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which a process takes this lab for Azure."""
        proxy = f"http://127.0.0.1:{self._proxy_port}"
        return {
            "HTTPS_PROXY": proxy,
            "HTTP_PROXY": proxy,
            "NO_PROXY": "127.0.0.1,localhost",
            "REQUESTS_CA_BUNDLE": str(self.certificates.authority),
            "SSL_CERT_FILE": str(self.certificates.authority),
            "MLFLOW_DISABLE_TELEMETRY": "true",
        }

    @property
    def instance_environ(self) -> dict[str, str]:
        """What a compute instance adds to the environment: an endpoint for tokens of its managed identity."""
        client_id = self.directory.instance_identity.client_id
        return {
            "MSI_ENDPOINT": f"http://127.0.0.1:{self._instance_port}/MSI/auth",
            "MSI_SECRET": MSI_SECRET,
            "DEFAULT_IDENTITY_CLIENT_ID": client_id or "",
        }

    def credential(self, identity: Identity = MEMBER) -> LabCredential:
        """A credential of somebody's."""
        return LabCredential(self.directory, identity)

    @property
    def storage(self) -> Storage:
        """The blobs; RuntimeError before `start_storage`."""
        if self.emulator.storage is None:
            raise RuntimeError("the lab's storage has not been started")
        return self.emulator.storage

    def start_storage(self) -> Storage:
        """Starts Azurite once (some seconds); `azurite.missing()` says whether it can."""
        if self.emulator.storage is None:
            self.emulator.storage = Storage(self.certificates, self.folder / "azurite")
            self.emulator.storage.clear()
            self.jail.targets["*.blob.core.windows.net"] = self.emulator.storage.port
        return self.emulator.storage

    def run_jobs(self) -> JobRunner:
        """Runs the command and Spark jobs that are submitted in the `with` block of the answer; needs storage."""
        self.start_storage()
        return JobRunner(self.emulator, self.folder)

    def new_workspace(self) -> None:
        """Makes the lab's workspace, as it is on its first day."""
        seed_new_workspace(self.emulator, self.workspace_id)

    def seed_workspace(self) -> None:
        """Makes the lab's workspace, as a small team's is after some months."""
        seed_workspace(self.emulator, self.workspace_id)

    def seed_jobs(self, count: int, *, newest: datetime | None = None) -> list[Resource]:
        """Fills the workspace with jobs of all types; see `job_seeds.seed_jobs`."""
        return seed_jobs(self.emulator, self.workspace_id, count, newest=newest)

    def reset(self) -> None:
        """Empties the store, the faults and the logs."""
        self.emulator.reset()
        self.jail.refused.clear()
        self.jail.tunnels.clear()

    def __enter__(self) -> Self:
        self.emulator.mlflow = MlflowServer(self.folder / "mlflow")
        self._thread.start()
        self._run(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cut("*")
        if self.emulator.storage is not None:
            self.emulator.storage.stop()
        if self.emulator.mlflow is not None:
            self.emulator.mlflow.close()
        for server, served in self._servers:
            server.should_exit = True
            served.result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        rmtree(self.folder, ignore_errors=True)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _start(self) -> None:
        app = make_app(self.emulator)
        certificates = self.certificates
        port = await self._serve(app, ssl_certfile=certificates.certificate, ssl_keyfile=str(certificates.key))
        self.jail.targets.update(dict.fromkeys(SERVICE_HOSTS, port))
        self._instance_port = await self._serve(make_instance_app(self.emulator))
        proxy = await asyncio.start_server(self.jail.serve, "127.0.0.1", 0)
        self._proxy_port = _port(proxy)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._stranger.certificate, self._stranger.key)
        self.jail.untrusted_port = _port(await serve_untrusted(context))
        app.drop = self.jail.cut_port
        self.faults.on_outage = self._cut

    async def _serve(self, app: Any, **settings: Any) -> int:
        config = uvicorn.Config(
            app, host="127.0.0.1", port=0, log_level="critical", access_log=False, date_header=False, lifespan="off",
            server_header=False, timeout_keep_alive=30, **settings,
        )  # fmt: skip
        server = uvicorn.Server(config)
        served = asyncio.run_coroutine_threadsafe(server.serve(), self._loop)
        while not server.started:
            await asyncio.sleep(0.005)
        self._servers.append((server, served))
        return int(server.servers[0].sockets[0].getsockname()[1])

    def _cut(self, host: str) -> None:
        async def cut() -> None:
            self.jail.cut(host)

        self._run(cut())


def _port(server: asyncio.Server) -> int:
    return int(server.sockets[0].getsockname()[1])
