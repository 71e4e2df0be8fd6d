"""What a command job of the Azure ML CLI v2 schema means on this machine."""

from __future__ import annotations

import http.server
import json
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from services.entities import Job, JobStatus
from services.errors import SpecError
from services.local.workspace import LocalWorkspace
from services.specs.assets import DataSpec, EnvironmentSpec
from services.specs.command import CommandJob, JobInput, JobLimits, JobOutput, JobResources
from services.specs.reading import read_job_file
from tests.support.running_jobs import ended, log_of

HERE = "azureml:this-interpreter:1"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Where the spec lies: a table and a folder of two."""
    folder = tmp_path / "base"
    (folder / "tables").mkdir(parents=True)
    (folder / "d.csv").write_text("a\n1\n")
    (folder / "tables" / "x.csv").write_text("x\n")
    (folder / "tables" / "y.csv").write_text("y\n")
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a web server on this machine that has d.csv and nothing else."""
    folder = tmp_path / "www"
    folder.mkdir()
    (folder / "d.csv").write_text("web\n")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as found:
        thread = threading.Thread(target=found.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{found.server_address[1]}"
        found.shutdown()
        thread.join()


async def run(local: LocalWorkspace, command: str, base: Path = Path("/"), **more: object) -> tuple[Job, str]:
    """The job that has ended, and its log."""
    fields = {"environment": HERE, **more}
    job = await local.jobs.submit(CommandJob(command, **fields), base=base)  # type: ignore[arg-type]
    job = await ended(local.jobs, job.name, 60)
    return job, await log_of(local.jobs, job.name)


class TestInputs:
    async def test_literals_as_az_ml_writes_them(self, local: LocalWorkspace) -> None:
        inputs = {
            "text": "a b",
            "rate": 0.1,
            "small": 1e-05,
            "count": 3,
            "flag": True,
            "typed": JobInput("number", value=2),
            "off": JobInput("boolean", value=False),
        }
        command = "echo " + " ".join(f"'${{{{inputs.{name}}}}}'" for name in inputs)
        job, log = await run(local, command, inputs=inputs)
        assert log == "a b 0.1 1e-05 3 True 2 False\n"
        assert [(port.type, port.value) for port in job.inputs[:5]] == [
            ("string", "a b"),
            ("number", "0.1"),
            ("number", "1e-05"),
            ("integer", "3"),
            ("boolean", "True"),
        ]

    @pytest.mark.parametrize("mode", ["ro_mount", "download"])
    async def test_data_assets_by_version_and_by_label(self, local: LocalWorkspace, base: Path, mode: str) -> None:
        for content in ("one\n", "two\n"):
            (base / "d.csv").write_text(content)
            await local.data.create(DataSpec("d", "d.csv", type="uri_file"), base=base)
        await local.data.create(DataSpec("folder", "tables", type="uri_folder"), base=base)
        job, log = await run(
            local,
            "cat ${{inputs.first}} ${{inputs.last}}; ls ${{inputs.folder}}; cat $AZURE_ML_INPUT_first",
            inputs={
                "first": JobInput("uri_file", "azureml:d:1", mode),  # type: ignore[arg-type]
                "last": JobInput("uri_file", "azureml:d@latest", mode),  # type: ignore[arg-type]
                "folder": JobInput("uri_folder", "azureml:folder@latest", mode),  # type: ignore[arg-type]
            },
        )
        assert log == "one\ntwo\nx.csv\ny.csv\none\n"
        assert [port.value for port in job.inputs] == ["azureml:d:1", "azureml:d:2", "azureml:folder:1"]
        places = [Path(port.resolved) for port in job.inputs]
        assert [path.name for path in places] == ["d.csv", "d.csv", "folder"]
        assert [path.is_symlink() for path in places] == [mode == "ro_mount"] * 3
        assert {port.mode for port in job.inputs} == {mode}

    async def test_datastore_uris_and_local_paths(self, local: LocalWorkspace, base: Path) -> None:
        raw = local.layout.datastore("workspacefilestore") / "raw"
        raw.mkdir()
        (raw / "d.csv").write_text("store\n")
        short = "azureml://datastores/workspacefilestore/paths/raw"
        long = f"azureml://subscriptions/s/resourcegroups/g/workspaces/w/{short.removeprefix('azureml://')}/d.csv"
        job, log = await run(
            local,
            "cat ${{inputs.a}} ${{inputs.b}}/d.csv ${{inputs.c}} ${{inputs.d}}; ls ${{inputs.e}}",
            base,
            inputs={
                "a": JobInput("uri_file", long),
                "b": JobInput("uri_folder", f"{short}/"),
                "c": JobInput("uri_file", "d.csv"),
                "d": JobInput("uri_file", (base / "tables" / "x.csv").as_uri()),
                "e": JobInput("uri_folder", "./tables"),
            },
        )
        assert log == "store\nstore\na\n1\nx\nx.csv\ny.csv\n", job.error

    async def test_what_a_job_reads_by_http(self, local: LocalWorkspace, server: str) -> None:
        job, log = await run(
            local, "cat ${{inputs.d}}", inputs={"d": JobInput("uri_file", f"{server}/d.csv?sig=secret")}
        )
        assert log == "web\n", job.error
        assert (job.inputs[0].mode, Path(job.inputs[0].resolved).name) == ("download", "d.csv")
        told = b"".join(
            [(await local.jobs.read_log(job.name, f.path, 0, 9999)).data for f in await local.jobs.log_files(job.name)]
        )
        assert b"downloaded 1 file, 4 bytes" in told
        assert b"sig=" not in told

    async def test_what_is_not_on_the_web(self, local: LocalWorkspace, server: str) -> None:
        job, log = await run(local, "cat ${{inputs.d}}", inputs={"d": JobInput("uri_file", f"{server}/gone.csv")})
        assert (job.status, log) == (JobStatus.FAILED, "")
        assert job.error is not None
        assert job.error.title.startswith(f"Input d: {server}/gone.csv answered 404")
        assert JobStatus.RUNNING not in {change.status for change in job.timeline}

    async def test_a_download_is_the_jobs_own_and_a_mount_is_not(self, local: LocalWorkspace, base: Path) -> None:
        await run(
            local,
            "echo more >> ${{inputs.d}}/x.csv; rm ${{inputs.d}}/y.csv",
            base,
            inputs={"d": JobInput("uri_folder", "tables", "download")},
        )
        assert (base / "tables" / "x.csv").read_text() == "x\n"
        assert (base / "tables" / "y.csv").exists()

    async def test_direct_is_the_uri_itself(self, local: LocalWorkspace, base: Path) -> None:
        uri = "azureml://datastores/workspaceblobstore/paths/"
        _, log = await run(local, "echo ${{inputs.d}}", base, inputs={"d": JobInput("uri_folder", uri, "direct")})
        assert log == f"{uri}\n"

    async def test_values_are_text_of_the_command_not_commands(self, local: LocalWorkspace, tmp_path: Path) -> None:
        """As in Azure, quoting is the business of who writes the command; a path with blanks can be quoted."""
        (tmp_path / "my data.csv").write_text("1\n")
        job, log = await run(local, 'cat "${{inputs.d}}"', tmp_path, inputs={"d": JobInput("uri_file", "my data.csv")})
        assert log == "1\n", job.error


class TestOutputs:
    async def test_folders_files_and_places_of_ones_own(self, local: LocalWorkspace) -> None:
        command = (
            "echo m > ${{outputs.model}}/m.txt; echo t > ${{outputs.table}}; echo o > $AZURE_ML_OUTPUT_own/o.txt;"
            " echo a > outputs/a.txt"
        )
        own = "azureml://datastores/workspacefilestore/paths/runs/${{name}}/"
        outputs = {"model": None, "table": JobOutput("uri_file"), "own": JobOutput(path=own)}
        job, _ = await run(local, command, outputs=outputs)
        assert job.status is JobStatus.COMPLETED, job.error
        store = local.layout.datastore("workspaceblobstore") / "azureml" / job.name
        assert (store / "model" / "m.txt").read_text() == "m\n"
        assert (store / "table").read_text() == "t\n"
        assert (local.layout.datastore("workspacefilestore") / "runs" / job.name / "o.txt").read_text() == "o\n"
        assert await local.jobs.read_artifact(job.name, "outputs/a.txt") == b"a\n"
        assert [port.type for port in job.outputs] == ["uri_folder", "uri_file", "uri_folder"]

    async def test_one_with_a_name_becomes_a_data_asset(self, local: LocalWorkspace) -> None:
        outputs = {"o": JobOutput("uri_folder", name="clean", version="7")}
        made_of = {"lapis.table": "azureml:raw:1", "lapis.recipe": "clean"}
        properties = {**made_of, "other": "x"}
        job, _ = await run(local, "echo x > ${{outputs.o}}/x.csv", outputs=outputs, properties=properties)
        await local.jobs.get(job.name)
        asset = await local.data.get("clean")
        assert (asset.version, asset.type) == ("7", "uri_folder")
        assert asset.properties == {**made_of, "lapis.job": job.name}
        assert [file.path for file in await local.data.files("clean")] == ["x.csv"]
        again, _ = await run(local, "true", outputs={"o": JobOutput("uri_folder", name="clean")})
        assert again.status is JobStatus.COMPLETED
        assert (await local.data.get("clean")).version == "8"

    async def test_of_a_failed_job_nothing_is_registered(self, local: LocalWorkspace) -> None:
        await run(local, "exit 1", outputs={"o": JobOutput("uri_folder", name="clean")})
        assert await local.data.list() == []

    async def test_the_output_of_a_job_is_the_input_of_another(self, local: LocalWorkspace) -> None:
        first, _ = await run(local, "echo x > ${{outputs.o}}/x.csv", outputs={"o": None})
        uri = f"azureml://jobs/{first.name}/outputs/o/paths/x.csv"
        _, log = await run(local, "cat ${{inputs.d}}", inputs={"d": JobInput("uri_file", uri)})
        assert log == "x\n"


class TestSurroundings:
    async def test_variables(self, local: LocalWorkspace) -> None:
        job, log = await run(
            local,
            "echo $LEVEL $FLAG; echo $AZUREML_RUN_ID; echo $MLFLOW_EXPERIMENT_NAME; echo $MLFLOW_RUN_ID; pwd",
            environment_variables={"LEVEL": 3, "FLAG": True},
            experiment_name="mine",
        )
        level, run_name, experiment, run_id, cwd = log.splitlines()
        assert (level, run_name, experiment, run_id) == ("3 True", job.name, "mine", job.run_id)
        assert Path(cwd).is_relative_to(local.layout.job(job.name))

    async def test_the_packages_of_lapis_are_no_scripts_business(self, local: LocalWorkspace, base: Path) -> None:
        (base / "services.py").write_text("own = True\n")
        code = "import services; print(services.own)\ntry:\n    import tui\nexcept ImportError as e:\n    print(e)\n"
        (base / "main.py").write_text(code)
        _, log = await run(local, "python main.py", base, code=".")
        assert log == "True\nNo module named 'tui'\n"

    async def test_a_time_limit(self, local: LocalWorkspace) -> None:
        job, log = await run(local, "echo begin; sleep 300", limits=JobLimits(1))
        assert (job.status, log) == (JobStatus.FAILED, "begin\n")
        assert job.error is not None
        assert job.error.title == "The job ran longer than its limit of 1 s."
        assert job.timeout == 1

    async def test_the_last_command_decides(self, local: LocalWorkspace) -> None:
        job, log = await run(local, "false\necho after")
        assert (job.status, log) == (JobStatus.COMPLETED, "after\n")


CLOUD = """
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
command: python -c "print('ran')"
environment: {environment}
compute: azureml:cpu-cluster
resources: {{instance_count: 4}}
services:
  my_jupyter: {{job_service_type: jupyter_lab}}
distribution: {{type: pytorch}}
"""


class TestReplaced:
    """What this machine hasn't got is replaced with a note, or refused."""

    @pytest.mark.parametrize(
        ("environment", "words"),
        [
            ("azureml://registries/azureml/environments/sklearn-1.5/labels/latest", "curated environment"),
            ("azureml:AzureML-sklearn-1.5@latest", "curated environment AzureML-sklearn-1.5"),
            ("{image: 'mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04'}", "docker image mcr.microsoft.com"),
            ("azureml:nobody-knows:3", "nobody-knows"),
        ],
    )
    async def test_a_job_written_for_the_cloud_runs(
        self, local: LocalWorkspace, tmp_path: Path, environment: str, words: str
    ) -> None:
        (tmp_path / "job.yml").write_text(CLOUD.format(environment=environment))
        spec = read_job_file(tmp_path / "job.yml")
        found = await local.jobs.preflight(spec, base=tmp_path)
        notes = {fault.path: fault.message for fault in found.faults if fault.severity == "note"}
        assert set(notes) == {"compute", "services", "distribution", "resources.instance_count", "environment"}
        assert notes["compute"] == "cpu-cluster is replaced by this machine"
        assert words.removeprefix("curated environment ") in notes["environment"]
        with pytest.raises(SpecError) as caught:
            await local.jobs.submit(spec, base=tmp_path, strict=True)
        assert {fault.path for fault in caught.value.faults} == set(notes)
        job = await ended(local.jobs, (await local.jobs.submit(spec, base=tmp_path)).name)
        assert job.status is JobStatus.COMPLETED, job.error
        assert await log_of(local.jobs, job.name) == "ran\n"
        assert {fault.path: fault.message for fault in job.notes if fault.severity == "note"} == notes
        assert sys.executable in job.environment

    async def test_this_machine_is_nothing_to_tell(self, local: LocalWorkspace) -> None:
        for compute in (None, "this-machine", "azureml:this-machine", "local"):
            spec = CommandJob("true", environment=HERE, compute=compute, resources=JobResources(instance_count=1))
            assert (await local.jobs.preflight(spec, base=Path("/"), strict=True)).errors == ()


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A package that no index has."""
    path = tmp_path / "sample_thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("sample_thing.py", "answer = 42\n")
        file.writestr(
            "sample_thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: sample-thing\nVersion: 1.0\n"
        )
        file.writestr(
            "sample_thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        file.writestr("sample_thing-1.0.dist-info/RECORD", "")
    return path


class TestCondaFiles:
    @pytest.fixture(autouse=True)
    def no_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PIP_NO_INDEX", "1")

    @pytest.mark.slow
    async def test_it_is_built_once_and_kept(self, local: LocalWorkspace, wheel: Path, base: Path) -> None:
        conda = {
            "channels": ["conda-forge"],
            "dependencies": [f"python={sys.version_info.major}.{sys.version_info.minor}", "pip", {"pip": [str(wheel)]}],
        }
        (base / "conda.yml").write_text(json.dumps(conda))
        own = EnvironmentSpec(image="ubuntu", conda_file="conda.yml")
        command = "python -c 'import sample_thing, sys; print(sample_thing.answer, sys.prefix)'"
        job, log = await run(local, command, base, environment=own)
        assert job.status is JobStatus.COMPLETED, (job.error, log)
        answer, prefix = log.split()
        assert answer == "42"
        assert Path(prefix).parent == local.layout.environments
        assert "environment.image" in {note.path for note in job.notes}
        assert "system_logs/environment_build.log" in {log.path for log in await local.jobs.log_files(job.name)}
        wheel.unlink()
        again, log = await run(local, command, base, environment=own)
        assert (again.status, log.split()) == (JobStatus.COMPLETED, ["42", prefix])
        logs = {log.path for log in await local.jobs.log_files(again.name)}
        assert "system_logs/environment_build.log" not in logs, "what is built already is taken as it is"
        await local.environments.create(EnvironmentSpec("mine", conda_file=conda), base=base)
        assert (await local.environments.get("mine")).state == "ready"
        third, log = await run(local, command, environment="azureml:mine@latest")
        assert (third.environment, log.split()[1]) == ("mine:1", prefix)

    @pytest.mark.slow
    async def test_one_that_can_not_be_built_fails_with_the_reason(self, local: LocalWorkspace) -> None:
        own = EnvironmentSpec(image="ubuntu", conda_file={"dependencies": ["no-such-package-anywhere=1.0"]})
        job, _ = await run(local, "true", environment=own)
        assert job.status is JobStatus.FAILED
        assert job.error is not None
        assert "The environment could not be built" in job.error.title
        assert "no-such-package-anywhere==1.0.*" in job.error.title
        assert JobStatus.RUNNING not in {change.status for change in job.timeline}
        assert not list(local.layout.environments.glob("*/.complete"))

    async def test_what_pip_can_not_do_is_told(self, local: LocalWorkspace) -> None:
        packages = ["python=3.8", "numpy=1.26", "pytorch::pytorch>=2", "cudatoolkit=11", "a b c!", {"pip": ["mlflow"]}]
        own = EnvironmentSpec(image="ubuntu", conda_file={"dependencies": packages})
        found = await local.jobs.preflight(CommandJob("true", environment=own), base=Path("/"))
        notes = [fault.message for fault in found.faults if fault.path == "environment.conda_file"]
        ours = f"{sys.version_info.major}.{sys.version_info.minor}"
        assert f"python 3.8 is replaced by this machine's {ours}" in notes
        assert any("'a b c!' means nothing to pip" in note for note in notes)
        assert any(note.startswith("mlflow is replaced by mlflow-skinny") for note in notes)
        made = await local.environments.create(EnvironmentSpec("e", conda_file=own.conda_file), base=Path("/"))
        assert made.packages[:2] == ("numpy==1.26.*", "torch>=2")
        assert made.state == "not built"


OTHERS = [version for version in ("3.11", "3.12", "3.13") if version != f"3.{sys.version_info.minor}"]


@pytest.mark.parametrize("version", OTHERS)
async def test_jobs_of_another_python(
    local: LocalWorkspace, base: Path, monkeypatch: pytest.MonkeyPatch, version: str, real_python: Callable[[str], str]
) -> None:
    """LAPIS_PYTHON names the interpreter of jobs; the hook on their path runs in it as well."""
    monkeypatch.setenv("LAPIS_PYTHON", real_python(version))
    (base / "main.py").write_text("import sys\nprint('%d.%d' % sys.version_info[:2])\nimport json, sitecustomize\n")
    job, log = await run(local, "python3 main.py", base, code=".")
    assert (job.status, log) == (JobStatus.COMPLETED, f"{version}\n"), job.error


@pytest.fixture
def real_python() -> Callable[[str], str]:
    """Finds another version of Python; the test is skipped where it is not installed."""

    def find(version: str) -> str:
        beside = Path(sys.base_prefix).parent.glob(f"{version}*/bin/python{version}")
        for program in (shutil.which(f"python{version}") or "false", *map(str, beside)):
            done = subprocess.run(
                [program, "-c", "import sys; print(sys.executable)"], capture_output=True, text=True, check=False
            )
            if not done.returncode:
                return done.stdout.strip()
        pytest.skip(f"Python {version} is not on this machine")

    return find
