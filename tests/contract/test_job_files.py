from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from services.entities import JobStatus
from services.errors import ConflictError, NotFoundError, ServiceError
from services.specs.command import JobOutput
from services.workspace import JobService, Workspace
from tests.contract.conftest import FinishJob, MakeFile
from tests.support.running_jobs import LOG, ended, reached, submitted

PYTHON = f"python{sys.version_info.major}"
LEAVES = """
import os, pathlib, sys
pathlib.Path("outputs/plots").mkdir(parents=True)
pathlib.Path("outputs/plots/roc.txt").write_text("0 1")
pathlib.Path("outputs/metrics.json").write_text("{}")
pathlib.Path("logs/epochs.log").write_text("1")
pathlib.Path("stays.txt").write_text("not taken along")
out, table = map(pathlib.Path, sys.argv[1:])
(out / "deep").mkdir(parents=True)
(out / "deep" / "weights.bin").write_bytes(bytes(1000))
table.write_text("a,b")
os.symlink("deep/weights.bin", out / "latest.bin")
os.symlink("/etc/hostname", out / "away.txt")
os.symlink("/etc", out / "etc")
os.symlink("gone", out / "broken")
os.symlink("/etc/hostname", "outputs/away.txt")
os.mkfifo(out / "pipe")
"""


@pytest.fixture
def jobs(workspace: Workspace) -> JobService:
    return workspace.jobs


@pytest.fixture
async def left(jobs: JobService, base: Path, make_file: MakeFile) -> str:
    """The name of a job that left files everywhere."""
    make_file("src/leave.py", LEAVES)
    name = await submitted(
        jobs,
        f"echo begin; {PYTHON} leave.py ${{{{outputs.model}}}} ${{{{outputs.table}}}}",
        base=base,
        code="src",
        outputs={"model": JobOutput(), "table": JobOutput("uri_file")},
    )
    job = await ended(jobs, name)
    assert job.status is JobStatus.COMPLETED, job.error
    return name


def below(folder: Path) -> Mapping[str, int]:
    """Each file below a folder and its size."""
    return {p.relative_to(folder).as_posix(): p.stat().st_size for p in folder.rglob("*") if p.is_file()}


class TestLogs:
    async def test_the_log_of_the_user_stands_first(self, jobs: JobService) -> None:
        name = await submitted(jobs, "true")
        await ended(jobs, name)
        logs = await jobs.log_files(name)
        assert (logs[0].path, logs[0].size) == (LOG, 0)
        assert all(log.path.startswith("system_logs/") and log.size for log in logs[1:])
        for log in logs:
            assert len((await jobs.read_log(name, log.path, 0, 100_000)).data) == log.size

    async def test_a_range(self, jobs: JobService) -> None:
        name = await submitted(jobs, "printf 0123456789")
        await ended(jobs, name)
        for offset, limit, start, data in (
            (0, 4, 0, b"0123"),
            (4, 100, 4, b"456789"),
            (-3, 100, 7, b"789"),
            (-3, 2, 7, b"78"),
            (-100, 2, 0, b"01"),
            (10, 5, 10, b""),
            (999, 5, 999, b""),
            (0, 0, 0, b""),
        ):
            chunk = await jobs.read_log(name, LOG, offset, limit)
            assert (chunk.offset, chunk.data, chunk.size) == (start, data, 10), (offset, limit)
            assert chunk.end == start + len(data)

    async def test_it_grows_while_the_job_runs(self, jobs: JobService) -> None:
        name = await submitted(jobs, "echo one; sleep 0.5; echo two")
        await reached(jobs, name, JobStatus.RUNNING)
        seen = b""
        while not (await jobs.get(name)).status.is_terminal:
            seen += (await jobs.read_log(name, LOG, len(seen), 3)).data
        while more := (await jobs.read_log(name, LOG, len(seen), 3)).data:
            seen += more
        assert seen == b"one\ntwo\n"

    async def test_bytes_are_left_as_they_are(self, jobs: JobService) -> None:
        name = await submitted(jobs, r"printf '\377\000\033[31m\r\n'")
        await ended(jobs, name)
        assert (await jobs.read_log(name, LOG, 0, 100)).data == b"\xff\0\x1b[31m\r\n"

    async def test_only_logs(self, jobs: JobService) -> None:
        name = await submitted(jobs, "true")
        await ended(jobs, name)
        for file in ("", "job.yml", "../job.yml", "user_logs/../job.yml", "/etc/hostname", "user_logs"):
            with pytest.raises(NotFoundError):
                pytest.fail(f"{file!r} was read: {await jobs.read_log(name, file, 0, 100)}")


class TestArtifacts:
    async def test_what_a_job_left_is_one_tree(self, jobs: JobService, left: str) -> None:
        tree = await jobs.artifacts(left)
        assert [(artifact.path, artifact.is_folder, artifact.size, artifact.origin) for artifact in tree] == [
            ("logs", True, 0, "run"),
            ("logs/epochs.log", False, 1, "run"),
            ("named-outputs", True, 0, "output"),
            ("named-outputs/model", True, 0, "output"),
            ("named-outputs/model/deep", True, 0, "output"),
            ("named-outputs/model/deep/weights.bin", False, 1000, "output"),
            ("named-outputs/model/latest.bin", False, 1000, "output"),
            ("named-outputs/table", False, 3, "output"),
            ("outputs", True, 0, "run"),
            ("outputs/plots", True, 0, "run"),
            ("outputs/plots/roc.txt", False, 3, "run"),
            ("outputs/metrics.json", False, 2, "run"),
        ]
        uris = {artifact.path: artifact.uri for artifact in tree}
        start = f"azureml://jobs/{left}/outputs"
        assert uris["outputs/plots/roc.txt"] == f"{start}/artifacts/paths/outputs/plots/roc.txt"
        assert uris["named-outputs/table"] == f"{start}/table"

    async def test_logged_models_stand_among_them(self, jobs: JobService, finish: FinishJob) -> None:
        job = finish("keen_star_1")
        tree = {artifact.path: artifact for artifact in await jobs.artifacts(job.name)}
        model = tree["models/model"]
        assert (model.is_folder, model.origin, model.uri) == (True, "logged_model", f"models:/{job.logged_model}")
        assert tree["models/model/MLmodel"].origin == "logged_model"
        assert tree["roc.txt"].origin == "run"
        assert tree["named-outputs/export/fitted/MLmodel"].origin == "output"
        assert b"mlflow_version" in await jobs.read_artifact(job.name, "models/model/MLmodel")

    async def test_a_file_is_read_to_its_limit(self, jobs: JobService, left: str) -> None:
        assert await jobs.read_artifact(left, "outputs/plots/roc.txt") == b"0 1"
        assert await jobs.read_artifact(left, "outputs/plots/roc.txt", 2) == b"0 "
        assert len(await jobs.read_artifact(left, "named-outputs/model/latest.bin")) == 1000

    async def test_nothing_outside_is_read(self, jobs: JobService, left: str) -> None:
        for path in (
            "",
            ".",
            "outputs",
            "gone",
            "../spec.json",
            "outputs/../../spec.json",
            "/etc/hostname",
            "outputs/away.txt",
            "named-outputs/model/away.txt",
            "named-outputs/model/etc/hostname",
            "named-outputs/model/broken",
            "named-outputs/model/pipe",
            "a\0b",
        ):
            with pytest.raises(NotFoundError):
                pytest.fail(f"{path!r} was read: {await jobs.read_artifact(left, path)!r}")

    async def test_a_job_that_left_nothing(self, jobs: JobService) -> None:
        name = await submitted(jobs, "true")
        await ended(jobs, name)
        assert [artifact for artifact in await jobs.artifacts(name) if not artifact.is_folder] == []


class TestCode:
    async def test_the_code_that_ran(self, jobs: JobService, base: Path, make_file: MakeFile) -> None:
        make_file("src/lib/features.py", "x = 1\n")
        make_file("src/train.py", "import lib.features\n")
        make_file("src/data/big.csv", "a\n")
        make_file("src/.amlignore", "data/\n")
        make_file("elsewhere/shared.py", "y = 2\n")
        (base / "src" / "shared.py").symlink_to(base / "elsewhere" / "shared.py")
        name = await submitted(jobs, f"{PYTHON} train.py; touch lib/made.py", base=base, code="src")
        assert (await ended(jobs, name)).status is JobStatus.COMPLETED
        assert await jobs.code_files(name) == [
            (".amlignore", 6),
            ("lib/features.py", 6),
            ("shared.py", 6),
            ("train.py", 20),
        ]
        assert await jobs.read_code(name, "lib/features.py") == b"x = 1\n"
        assert await jobs.read_code(name, "shared.py", 3) == b"y ="
        for path in ("", "lib", "gone.py", "../job.yml", "/etc/hostname", "data/big.csv", "lib/../train.py"):
            with pytest.raises(NotFoundError):
                await jobs.read_code(name, path)

    async def test_a_job_without_code(self, jobs: JobService) -> None:
        name = await submitted(jobs, "true")
        await ended(jobs, name)
        assert await jobs.code_files(name) == []


class TestDownload:
    async def test_artifacts_as_az_ml_lays_them_out(self, jobs: JobService, left: str, tmp_path: Path) -> None:
        report = await jobs.download(left, tmp_path / "new" / "to")
        assert below(tmp_path / "new" / "to") == {
            "artifacts/logs/epochs.log": 1,
            "artifacts/outputs/metrics.json": 2,
            "artifacts/outputs/plots/roc.txt": 3,
        }
        assert (report.target, report.files, report.size) == (str(tmp_path / "new" / "to"), 3, 6)

    async def test_one_output(self, jobs: JobService, left: str, tmp_path: Path) -> None:
        await jobs.download(left, tmp_path / "to", output_name="model")
        await jobs.download(left, tmp_path / "to", output_name="table")
        assert below(tmp_path / "to") == {
            "named-outputs/model/deep/weights.bin": 1000,
            "named-outputs/model/latest.bin": 1000,
            "named-outputs/table": 3,
        }
        with pytest.raises(NotFoundError):
            await jobs.download(left, tmp_path / "to", output_name="tab")

    async def test_everything(self, jobs: JobService, left: str, tmp_path: Path) -> None:
        report = await jobs.download(left, tmp_path / "to", everything=True)
        found = below(tmp_path / "to")
        assert len(found) == report.files
        assert sum(found.values()) == report.size
        assert found[f"artifacts/{LOG}"] == 6
        assert {"artifacts/outputs/metrics.json", "named-outputs/table"} < set(found)

    async def test_nothing_is_written_over(self, jobs: JobService, left: str, tmp_path: Path) -> None:
        mine = tmp_path / "to" / "artifacts" / "outputs" / "metrics.json"
        mine.parent.mkdir(parents=True)
        mine.write_text("my own")
        with pytest.raises(ConflictError) as caught:
            await jobs.download(left, tmp_path / "to")
        assert str(mine) in caught.value.detail
        assert below(tmp_path / "to") == {"artifacts/outputs/metrics.json": 6}

    async def test_nothing_is_written_outside(self, jobs: JobService, left: str, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "to").mkdir()
        (tmp_path / "to" / "artifacts").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(ConflictError):
            await jobs.download(left, tmp_path / "to")
        assert list((tmp_path / "elsewhere").iterdir()) == []

    @pytest.mark.parametrize("name", ["file", "a\0b", "x" * 300])
    async def test_no_folder_to_write_to(self, jobs: JobService, left: str, tmp_path: Path, name: str) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(ServiceError):
            await jobs.download(left, tmp_path / name)
        assert (tmp_path / "file").read_bytes() == b""

    async def test_not_while_it_runs(self, jobs: JobService, tmp_path: Path) -> None:
        name = await submitted(jobs, "sleep 300")
        with pytest.raises(ConflictError):
            await jobs.download(name, tmp_path / "to")
        await jobs.cancel(name)
        await ended(jobs, name)
        await jobs.download(name, tmp_path / "to")


@pytest.mark.slow
async def test_what_mlflow_logs_is_there(
    jobs: JobService, workspace: Workspace, base: Path, make_file: MakeFile
) -> None:
    jobs = workspace.jobs
    make_file(
        "src/train.py",
        """
import mlflow
mlflow.log_param("rate", 0.1)
mlflow.log_metric("loss", 0.5, step=1)
mlflow.log_metric("loss", 0.25, step=2)
mlflow.log_text("roc", "plots/roc.txt")
""",
    )
    name = await submitted(jobs, f"{PYTHON} train.py", base=base, code="src")
    job = await ended(jobs, name, 120)
    assert job.status is JobStatus.COMPLETED, job.error
    assert await jobs.read_artifact(name, "plots/roc.txt") == b"roc"
    run = await workspace.tracking.run(name)
    assert (run.params, run.metrics) == ({"rate": "0.1"}, {"loss": 0.25})
    assert [point.value for point in await workspace.tracking.history(name)] == [0.5, 0.25]
