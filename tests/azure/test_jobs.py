"""Jobs on the emulator, which really runs them: what goes over the wire, and what happens when that breaks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.azure import watching
from services.azure.client import connect
from services.azure.connection import Connection
from services.azure.job_index import JobIndex
from services.azure.jobs import AzureJobs
from services.entities import ChildrenChanged, JobQuery, JobStatus, JobType, LogAppended, MetricsLogged, StatusChanged
from services.errors import AccessError, ServiceError, SpecError, TransientError
from services.operations import OperationState
from services.specs.command import CommandJob, JobInput, JobResources
from services.specs.spark import SparkEntry
from services.storage import opening
from services.targets import AzureTarget
from tests.azure.shown_specs import spark_job
from tests.azure_emulator import runner
from tests.azure_emulator.faults import FOREVER, Fault, Outage
from tests.azure_emulator.finished_jobs import finished_job
from tests.azure_emulator.lab import AzureLab
from tests.azure_emulator.storage import Storage
from tests.support.running_jobs import ENVIRONMENT, LOG, ended, log_of, submitted
from tests.support.waiting import eventually

pytestmark = pytest.mark.azure

BLOBS = "*.blob.core.windows.net"


@pytest.fixture
def lab(azure_lab: AzureLab, azure_storage: Storage, target: AzureTarget) -> Iterator[AzureLab]:
    """The lab with storage, and somebody who runs what is submitted."""
    with azure_lab.run_jobs():
        yield azure_lab


@pytest.fixture
async def connection(lab: AzureLab, target: AzureTarget) -> AsyncIterator[Connection]:
    opened = await connect(target, lab.credential())
    yield opened
    await opened.close()


class Waits:
    """The pauses of a watch, each a hundredth of what it should be."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(seconds / 100)


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def jobs(connection: Connection, tmp_path: Path, waits: Waits) -> AzureJobs:
    return AzureJobs(connection, JobIndex(tmp_path / "cache"), wait=waits)


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder with code, of which a part stays here."""
    folder = tmp_path / "project" / "src"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "big.bin").write_bytes(b"x" * 1000)
    (folder / ".amlignore").write_text("data/\n")
    (folder / "train.py").write_text("print('trained')\n")
    return folder


def job_of(lab: AzureLab, name: str) -> dict[str, Any]:
    """A job as the service has it."""
    return lab.store[f"{lab.workspace_id}/jobs/{name}"]


def puts(lab: AzureLab) -> int:
    """How many jobs were submitted, however often."""
    return len(lab.store.children(f"{lab.workspace_id}/jobs"))


class TestSubmit:
    async def test_the_code_goes_along_without_what_is_ignored(
        self, jobs: AzureJobs, lab: AzureLab, code: Path, connection: Connection
    ) -> None:
        spec = CommandJob("python train.py", code="src", environment=ENVIRONMENT)
        first = await jobs.submit(spec, base=code.parent)
        (upload,) = connection.operations.list()
        assert (upload.verb, upload.subject, upload.state) == ("Submit", first.name, OperationState.SUCCEEDED)
        assert upload.done == upload.total == 6 + 17
        assert await jobs.code_files(first.name) == [(".amlignore", 6), ("train.py", 17)]
        lab.requests.clear()
        second = await jobs.submit(spec, base=code.parent)
        assert job_of(lab, second.name)["properties"]["codeId"] == job_of(lab, first.name)["properties"]["codeId"]
        assert not lab.requests.matching("startPendingUpload"), "the same code is there already"
        (code / "train.py").write_text("print('better')\n")
        third = await jobs.submit(spec, base=code.parent)
        assert job_of(lab, third.name)["properties"]["codeId"] != job_of(lab, first.name)["properties"]["codeId"]
        await asyncio.gather(*(ended(jobs, job.name) for job in (first, second, third)))
        assert await log_of(jobs, third.name) == "better\n"

    async def test_az_ml_takes_the_code_for_the_same(self, jobs: AzureJobs, code: Path) -> None:
        from azure.ai.ml._utils._asset_utils import get_content_hash, get_ignore_file

        from services.azure.code_snapshots import content_hash
        from services.specs.code import list_code

        (code / "Lib").mkdir()
        (code / "Lib" / "b.py").write_text("b")
        (code / "lib.py").symlink_to(code / "Lib" / "b.py")
        assert content_hash(code, list_code(code)) == get_content_hash(code, get_ignore_file(code))

    async def test_an_upload_that_was_cut_goes_on(
        self, jobs: AzureJobs, lab: AzureLab, code: Path, monkeypatch: pytest.MonkeyPatch, connection: Connection
    ) -> None:
        monkeypatch.setattr(opening, "_patience", lambda: {"retry_total": 0, "connection_timeout": 5})
        for number in range(4):
            (code / f"part{number}.bin").write_bytes(bytes([number]) * 60_000)
        spec = CommandJob("python train.py", name="cut", code="src", environment=ENVIRONMENT)
        lab.faults.cut_off(BLOBS, Outage.CUT, count=2, after_bytes=30_000)
        with pytest.raises(TransientError):
            await jobs.submit(spec, base=code.parent)
        (failed,) = connection.operations.list()
        assert (failed.state, failed.done < failed.total) == (OperationState.FAILED, True)
        assert puts(lab) == 0
        lab.faults.clear()
        job = await jobs.submit(spec, base=code.parent)
        assert len(lab.requests.matching("startPendingUpload")) == 1, "it went on in the container that was begun"
        assert (await ended(jobs, job.name)).status is JobStatus.COMPLETED
        assert len(await jobs.code_files("cut")) == 6
        assert puts(lab) == 1

    async def test_an_answer_that_was_lost_doubles_nothing(self, jobs: AzureJobs, lab: AzureLab) -> None:
        lab.faults.add(Fault(r"^PUT \S*/jobs/", truncate=True, count=FOREVER))
        name = await submitted(jobs, "echo once")
        lab.faults.clear()
        await ended(jobs, name)
        assert await log_of(jobs, name) == "once\n"
        assert puts(lab) == 1

    async def test_a_refusal_is_told_and_leaves_nothing(self, jobs: AzureJobs, lab: AzureLab) -> None:
        lab.faults.add(Fault(r"^PUT \S*/jobs/", status=403, code="AuthorizationFailed", message="no right to submit"))
        with pytest.raises(AccessError, match="no right to submit"):
            await submitted(jobs, "true")
        assert puts(lab) == 0

    async def test_when_nobody_knows_the_error_names_the_job(self, jobs: AzureJobs, lab: AzureLab) -> None:
        lab.faults.add(Fault(r"^(PUT|GET) \S*/jobs/", status=503, count=FOREVER))
        with pytest.raises(TransientError, match="keen_star_1"):
            await jobs._connection.write(
                "Submit",
                "x",
                lambda client, number: jobs._submitter.submit(
                    client, CommandJob("true", environment=ENVIRONMENT), "keen_star_1", Path("/"), number, strict=False
                ),
            )

    @pytest.mark.parametrize(
        ("more", "path", "words"),
        [
            ({"compute": "azureml:cpu-clustr"}, "compute", "did you mean cpu-cluster?"),
            ({"compute": "local"}, "compute", "this machine"),
            ({"compute": "cpu-cluster", "resources": JobResources(instance_count=9)}, "resources.instance_count", "4"),
            ({"environment": None}, "environment", "Azure requires one"),
            ({"environment": "azureml:nowhere@latest"}, "environment", "no environment named nowhere"),
            ({"environment": "azureml:sklearn-1.5:999"}, "environment", "of version 999"),
            ({"inputs": {"m": JobInput("mlflow_model", "azureml:nothing:1")}}, "inputs.m.path", "no model nothing"),
        ],
    )
    async def test_what_the_workspace_lacks_is_told_before(
        self, jobs: AzureJobs, lab: AzureLab, more: dict[str, object], path: str, words: str
    ) -> None:
        fields: dict[str, object] = {"command": "true", "environment": ENVIRONMENT, **more}
        spec = CommandJob(**fields)  # type: ignore[arg-type]
        with pytest.raises(SpecError) as caught:
            await jobs.submit(spec, base=Path("/"))
        (fault,) = caught.value.faults
        assert fault.path == path
        assert words in fault.message
        assert puts(lab) == 0

    async def test_a_stopped_instance_is_a_warning(self, jobs: AzureJobs) -> None:
        spec = CommandJob("true", environment=ENVIRONMENT, compute="rosa-notebook")
        found = await jobs.preflight(spec, base=Path("/"))
        assert [(fault.path, fault.severity) for fault in found.faults] == [("compute", "warning")]


class TestWatch:
    async def test_it_tells_statuses_and_logs(self, jobs: AzureJobs, lab: AzureLab, tmp_path: Path) -> None:
        seen = tmp_path / "seen"
        name = await submitted(jobs, f"echo one; until [ -e {seen} ]; do sleep 0.05; done; echo two; exit 3")
        events = []
        async for event in jobs.watch(name):
            events.append(event)
            if isinstance(event, StatusChanged) and event.job.status is JobStatus.RUNNING:
                seen.touch()
        statuses = [event.job.status for event in events if isinstance(event, StatusChanged)]
        assert statuses[-1] is JobStatus.FAILED
        assert JobStatus.RUNNING in statuses
        assert [event.size for event in events if isinstance(event, LogAppended) and event.file == LOG][-1] == 8
        job = await jobs.get(name)
        assert (job.exit_code, job.error is not None) == (3, True)

    async def test_it_looks_less_often_while_nothing_happens(
        self, jobs: AzureJobs, lab: AzureLab, waits: Waits
    ) -> None:
        running = lab.seed_jobs(4)[-1]
        watch = jobs.watch(running["name"])
        assert isinstance(await anext(watch), StatusChanged)
        assert await anext(watch) == MetricsLogged(())
        nothing = asyncio.ensure_future(anext(watch))
        await eventually(lambda: len(waits.seconds) > 5)
        assert waits.seconds[:6] == [2.0, 3.0, 4.5, 6.75, 10.0, 10.0]
        lab.store.set_status(running["id"], "Completed")
        event = await nothing
        assert isinstance(event, StatusChanged)
        assert event.job.status is JobStatus.COMPLETED

    async def test_a_slow_tracking_server_holds_up_no_status(
        self, jobs: AzureJobs, lab: AzureLab, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watching, "PATIENCE", 0.05)
        running = lab.seed_jobs(4)[-1]
        lab.faults.add(Fault(r"/mlflow/", delay=2.0, count=FOREVER))
        events = []
        async for event in jobs.watch(running["name"]):
            events.append(event)
            lab.store.set_status(running["id"], "Completed")
        told = [event.job.status if isinstance(event, StatusChanged) else type(event) for event in events]
        assert told.index(JobStatus.COMPLETED) < told.index(MetricsLogged)

    async def test_metrics_come_once_each(self, jobs: AzureJobs, lab: AzureLab) -> None:
        finished_job(lab.emulator, lab.workspace_id, "keen_star_1")
        events = [event async for event in jobs.watch("keen_star_1")]
        (metrics,) = (event for event in events if isinstance(event, MetricsLogged))
        assert len(metrics.points) == 7
        assert [point.at for point in metrics.points] == sorted(point.at for point in metrics.points)

    async def test_a_token_that_expires_meanwhile_is_renewed(self, jobs: AzureJobs, lab: AzureLab) -> None:
        name = await submitted(jobs, "sleep 0.5; echo done")
        events = []
        async for event in jobs.watch(name):
            events.append(event)
            lab.directory.expire_tokens()
        assert isinstance(events[-1], LogAppended | StatusChanged | MetricsLogged)
        assert (await jobs.get(name)).status is JobStatus.COMPLETED

    async def test_a_burst_of_errors_is_borne_and_a_lasting_one_told(self, jobs: AzureJobs, lab: AzureLab) -> None:
        name = await submitted(jobs, "sleep 300")
        watch = jobs.watch(name)
        assert isinstance(await anext(watch), StatusChanged)
        lab.faults.add(Fault(r"/history/|/jobs/", status=503, count=2))
        lab.faults.add(Fault(r"/history/|/jobs/", skip=12, status=403, count=FOREVER, message="not any more"))
        with pytest.raises(ServiceError, match="not any more"):
            async for _ in watch:
                pass
        lab.faults.clear()
        await jobs.cancel(name)
        await ended(jobs, name)

    async def test_the_children_of_a_sweep(self, jobs: AzureJobs, lab: AzureLab) -> None:
        made = lab.seed_jobs(60)
        sweep = next(
            j for j in made if j["properties"]["jobType"] == "Sweep" and j["properties"]["status"] != "Running"
        )
        events = [event async for event in jobs.watch(sweep["name"])]
        (changed,) = (event for event in events if isinstance(event, ChildrenChanged))
        children = await jobs.list(JobQuery(parent_name=sweep["name"]))
        assert sorted(changed.names) == sorted(child.name for child in children.items)
        assert events[0] == StatusChanged(await jobs.get(sweep["name"]))


class TestOtherTypes:
    @pytest.mark.parametrize("kind", ["Sweep", "AutoML", "Pipeline", "Spark"])
    async def test_each_is_opened(self, jobs: AzureJobs, lab: AzureLab, kind: str) -> None:
        made = next(job for job in lab.seed_jobs(120) if job["properties"]["jobType"] == kind)
        job = await jobs.get(made["name"])
        assert job.summary.type is JobType(kind.lower())
        assert job.status.value == made["properties"]["status"]
        assert job.summary.started_at is not None
        assert job.yaml
        assert job.studio_url.startswith("https://ml.azure.com/")
        assert [artifact for artifact in await jobs.artifacts(made["name"]) if not artifact.is_folder] == []
        assert await jobs.code_files(made["name"]) == []


class TestSpark:
    """Submitted, run (by Spark where there is one) and watched; what Azure asks for is told before."""

    async def test_its_status_and_log(self, jobs: AzureJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(runner, "why_no_spark", lambda: "its script needs none, and Spark takes its time")
        (tmp_path / "src").mkdir()
        (tmp_path / "src" / "count.py").write_text("import sys\nprint('counted', *sys.argv[1:])\n")
        job = await jobs.submit(spark_job(entry=SparkEntry("count.py"), args="--rate 1"), base=tmp_path)
        assert (job.summary.type, job.summary.compute) == (JobType.SPARK, "serverless")
        done = await ended(jobs, job.name)
        assert (done.status, done.exit_code) == (JobStatus.COMPLETED, 0)
        assert await log_of(jobs, job.name) == "counted --rate 1\n"

    async def test_what_it_lacks_is_told_before(self, jobs: AzureJobs, lab: AzureLab, tmp_path: Path) -> None:
        (tmp_path / "src").mkdir()
        (tmp_path / "src" / "train.py").touch()
        with pytest.raises(SpecError) as caught:
            await jobs.submit(spark_job(compute="azureml:cpu-cluster", conf={}), base=tmp_path)
        assert [str(fault) for fault in caught.value.faults] == [
            "compute: cpu-cluster is no Spark pool",
            "conf: Azure requires spark.driver.cores, spark.driver.memory, spark.executor.cores, "
            "spark.executor.memory, spark.executor.instances",
        ]
        assert not puts(lab)


class TestCancel:
    async def test_nothing_polls_after_it(self, jobs: AzureJobs, lab: AzureLab) -> None:
        name = await submitted(jobs, "sleep 300")
        await jobs.cancel(name)
        assert not [thread for thread in threading.enumerate() if "LROPoller" in thread.name]
        await ended(jobs, name)
        assert not lab.requests.matching("mfeOperationResults")

    async def test_the_list_knows_it_at_once(self, jobs: AzureJobs, lab: AzureLab) -> None:
        await jobs.list(JobQuery())
        name = await submitted(jobs, "sleep 300")
        assert [job.name for job in (await jobs.list(JobQuery())).items] == [name]
        await jobs.cancel(name)
        (job,) = (await jobs.list(JobQuery())).items
        assert job.status in (JobStatus.CANCEL_REQUESTED, JobStatus.CANCELED)
        await ended(jobs, name)
        await jobs.archive(name)
        assert (await jobs.list(JobQuery())).items == ()


class TestLogs:
    async def test_an_address_that_has_expired_is_renewed(self, jobs: AzureJobs, lab: AzureLab) -> None:
        name = await submitted(jobs, "echo log")
        await ended(jobs, name)
        assert (await jobs.read_log(name, LOG, 0, 10)).data == b"log\n"
        at, known = jobs._logs._addresses[name]
        jobs._logs._addresses[name] = at, {path: url.replace("sig=", "sig=A") for path, url in known.items()}
        assert (await jobs.read_log(name, LOG, 0, 10)).data == b"log\n"
        lab.requests.clear()
        await jobs.read_log(name, LOG, 0, 10)
        assert len(lab.requests) == 0, "the address is known, so storage alone is asked"

    async def test_no_signature_is_ever_told(self, jobs: AzureJobs, lab: AzureLab) -> None:
        name = await submitted(jobs, "echo log")
        await ended(jobs, name)
        await jobs.read_log(name, LOG, 0, 10)
        lab.faults.cut_off(BLOBS, Outage.REFUSED)
        with pytest.raises(TransientError) as caught:
            await jobs.read_log(name, LOG, 0, 10)
        assert "sig=" not in caught.value.detail.replace("sig=<redacted>", "")


class TestDownload:
    async def test_it_tells_how_far_it_is(
        self, jobs: AzureJobs, lab: AzureLab, connection: Connection, tmp_path: Path
    ) -> None:
        name = await submitted(jobs, "mkdir -p outputs; head -c 5000 /dev/zero > outputs/a.bin; echo x > outputs/b")
        await ended(jobs, name)
        report = await jobs.download(name, tmp_path / "to")
        operation = connection.operations.list()[0]
        assert (operation.verb, operation.done, operation.total) == ("Download", report.size, report.size)
        assert (report.files, report.size) == (2, 5002)

    async def test_a_download_that_breaks_leaves_nothing(
        self, jobs: AzureJobs, lab: AzureLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(opening, "_patience", lambda: {"retry_total": 0, "connection_timeout": 5})
        name = await submitted(jobs, "mkdir -p outputs; echo x > outputs/a")
        await ended(jobs, name)
        await jobs.artifacts(name)
        lab.faults.cut_off(BLOBS, Outage.REFUSED)
        with pytest.raises(TransientError):
            await jobs.download(name, tmp_path / "to")
        assert not [path for path in (tmp_path / "to").rglob("*") if path.is_file()]
        lab.faults.clear()
        assert (await jobs.download(name, tmp_path / "to")).files == 1


async def test_a_clone_sends_no_code_again(jobs: AzureJobs, lab: AzureLab, code: Path) -> None:
    spec = CommandJob("python train.py", code="src", environment=ENVIRONMENT)
    job = await jobs.submit(spec, base=code.parent)
    await ended(jobs, job.name)
    clone, base = await jobs.spec(job.name)
    lab.requests.clear()
    again = await jobs.submit(clone, base=base)
    assert job_of(lab, again.name)["properties"]["codeId"] == job_of(lab, job.name)["properties"]["codeId"]
    assert not lab.requests.matching("startPendingUpload")
    assert (await ended(jobs, again.name)).status is JobStatus.COMPLETED
