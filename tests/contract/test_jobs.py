from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.entities import Job, JobQuery, JobStatus, JobSummary, JobType, LogAppended, MetricsLogged, StatusChanged
from services.errors import ConflictError, NotFoundError, SpecError, UserError
from services.specs.assets import EnvironmentSpec
from services.specs.command import CommandJob, JobInput, JobLimits, JobOutput, JobResources
from services.workspace import JobService, Workspace
from tests.contract.conftest import FinishJob, MakeFile
from tests.support.entities import HOSTILE
from tests.support.running_jobs import ENVIRONMENT, LOG, ended, log_of, reached, submitted

PYTHON = f"python{sys.version_info.major}"
SCRIPT = "import sys; print('trained', *sys.argv[1:])\n"


@pytest.fixture
async def jobs(workspace: Workspace) -> AsyncIterator[JobService]:
    """The jobs of a workspace; what still runs at the end is canceled."""
    yield workspace.jobs
    page = await workspace.jobs.list(JobQuery(include_archived=True), limit=1000)
    for job in page.items:
        if not job.status.is_terminal:
            await workspace.jobs.cancel(job.name)
            await ended(workspace.jobs, job.name)


async def names(jobs: JobService, **query: object) -> list[str]:
    page = await jobs.list(JobQuery(**query))  # type: ignore[arg-type]
    assert page.cursor is None
    assert page.total == len(page.items)
    return [job.name for job in page.items]


class TestSubmit:
    async def test_a_job_is_there_as_soon_as_it_is_queued(
        self, jobs: JobService, base: Path, make_file: MakeFile
    ) -> None:
        make_file("src/train.py", SCRIPT)
        make_file("d.csv", "a\n1\n")
        spec = CommandJob(
            f"{PYTHON} train.py --rate ${{{{inputs.rate}}}} --data ${{{{inputs.data}}}}",
            display_name=f"train {HOSTILE}",
            experiment_name="diabetes",
            description=HOSTILE,
            tags={"model": "lr", "fold": 1, "final": True, HOSTILE: HOSTILE},
            code="src",
            environment=ENVIRONMENT,
            environment_variables={"LEVEL": 3},
            inputs={"rate": 0.01, "data": JobInput("uri_file", "d.csv")},
            outputs={"model": JobOutput("uri_folder")},
            limits=JobLimits(60),
        )
        before = datetime.now(UTC)
        job = await jobs.submit(spec, base=base)
        summary = job.summary
        assert not job.status.is_terminal
        assert (summary.display_name, summary.experiment_name) == (spec.display_name, "diabetes")
        assert summary.type is JobType.COMMAND
        assert summary.tags == {"model": "lr", "fold": "1", "final": "true", HOSTILE: HOSTILE}
        assert before - timedelta(seconds=1) <= summary.created_at <= datetime.now(UTC)
        assert (summary.created_by, summary.compute) != ("", "")
        assert (job.description, job.command, job.timeout) == (HOSTILE, spec.command, 60)
        assert job.environment_variables == {"LEVEL": "3"}
        assert (job.inputs[0].name, job.inputs[0].type, job.inputs[0].value) == ("rate", "number", "0.01")
        assert [(port.name, port.type) for port in job.outputs] == [("model", "uri_folder")]
        assert "experiment_name: diabetes" in job.yaml
        assert job.run_id
        done = await ended(jobs, job.name)
        assert done.status is JobStatus.COMPLETED, done.error
        assert (done.exit_code, done.error) == (0, None)
        assert "trained --rate 0.01 --data /" in await log_of(jobs, job.name)
        assert [change.status for change in done.timeline][-1] is JobStatus.COMPLETED
        assert [change.at for change in done.timeline] == sorted(change.at for change in done.timeline)
        created, started, finished = done.summary.created_at, done.summary.started_at, done.summary.ended_at
        assert started is not None
        assert finished is not None
        assert created <= started <= finished
        assert (await names(jobs)) == [job.name]

    async def test_a_failed_job_tells_its_first_error(self, jobs: JobService, base: Path, make_file: MakeFile) -> None:
        make_file("src/train.py", "\nprint('begin')\nraise ValueError('no rows')\n")
        name = await submitted(jobs, f"{PYTHON} train.py", base=base, code="src")
        job = await ended(jobs, name)
        assert (job.status, job.exit_code) == (JobStatus.FAILED, 1)
        assert job.error is not None
        assert (job.error.title, job.error.file, job.error.line) == ("ValueError: no rows", "train.py", 3)
        assert job.error.source_line == "raise ValueError('no rows')"
        assert job.error.log_file == LOG
        assert job.summary.error_title == "ValueError: no rows"

    async def test_the_same_name_and_spec_is_the_same_job(self, jobs: JobService, base: Path) -> None:
        spec = CommandJob("echo once", name="my-job", environment=ENVIRONMENT)
        made = await asyncio.gather(*(jobs.submit(spec, base=base) for _ in range(4)))
        assert {job.name for job in made} == {"my-job"}
        assert len({job.run_id for job in made}) == 1
        await ended(jobs, "my-job")
        assert (await jobs.submit(spec, base=base)).status is JobStatus.COMPLETED
        assert await log_of(jobs, "my-job") == "once\n"
        assert await names(jobs) == ["my-job"]

    async def test_the_same_name_for_another_spec_is_taken(self, jobs: JobService, base: Path) -> None:
        spec = CommandJob("echo one", name="my-job", environment=ENVIRONMENT)
        await jobs.submit(spec, base=base)
        with pytest.raises(ConflictError) as caught:
            await jobs.submit(replace(spec, command="echo two"), base=base)
        assert "my-job" in caught.value.detail
        assert caught.value.advice
        await ended(jobs, "my-job")
        assert await log_of(jobs, "my-job") == "one\n"

    async def test_of_two_specs_that_take_a_name_at_once_one_wins(self, jobs: JobService, base: Path) -> None:
        specs = [CommandJob(f"echo {n}", name="race", environment=ENVIRONMENT) for n in range(4)]
        done = await asyncio.gather(*(jobs.submit(spec, base=base) for spec in specs), return_exceptions=True)
        won = [job for job in done if isinstance(job, Job)]
        assert len(won) == 1
        assert all(isinstance(lost, ConflictError) for lost in done if lost is not won[0])
        await ended(jobs, "race")
        assert f"echo {(await log_of(jobs, 'race')).strip()}" == won[0].command

    async def test_names_are_made_and_never_equal(self, jobs: JobService) -> None:
        made = await asyncio.gather(*(submitted(jobs, "true") for _ in range(4)))
        assert len(set(made)) == 4
        for name in made:
            assert (await ended(jobs, name)).summary.display_name == name

    async def test_the_code_is_that_of_the_moment(self, jobs: JobService, base: Path, make_file: MakeFile) -> None:
        script = make_file("src/train.py", "print('then')\n")
        name = await submitted(jobs, f"sleep 0.3; {PYTHON} train.py", base=base, code="src")
        script.write_text("print('now')\n")
        await ended(jobs, name)
        assert await log_of(jobs, name) == "then\n"
        assert await jobs.read_code(name, "train.py") == b"print('then')\n"

    async def test_secrets_reach_the_command_alone(self, jobs: JobService) -> None:
        name = await submitted(jobs, "echo ${#API_KEY}", environment_variables={"API_KEY": "hunter2hunter2"})
        job = await ended(jobs, name)
        assert await log_of(jobs, name) == "14\n"
        assert "hunter2" not in job.yaml + str(job.environment_variables)


class TestPreflight:
    async def test_it_tells_and_starts_nothing(self, jobs: JobService, base: Path, make_file: MakeFile) -> None:
        make_file("src/train.py", SCRIPT)
        make_file("src/data/big.bin", b"x" * 100)
        make_file("src/.amlignore", "data/\n")
        spec = CommandJob(f"{PYTHON} train.py", code="src", environment=ENVIRONMENT)
        found = await jobs.preflight(spec, base=base)
        assert found.errors == ()
        assert found.code_files == ((".amlignore", 6), ("train.py", len(SCRIPT)))
        assert (found.code_size, len(found.left_out)) == (6 + len(SCRIPT), 1)
        assert "command: " in found.yaml
        assert await names(jobs) == []

    @pytest.mark.parametrize(
        ("more", "path"),
        [
            ({"command": " "}, "command"),
            ({"command": "echo ${{inputs.rat}}"}, "command"),
            ({"command": "echo ${{search_space.x}}"}, "command"),
            ({"command": "a\0b"}, "command"),
            ({"command": f"{PYTHON} gone.py", "code": "src"}, "command"),
            ({"name": "a b"}, "name"),
            ({"name": HOSTILE}, "name"),
            ({"name": "x" * 256}, "name"),
            ({"experiment_name": "a/b"}, "experiment_name"),
            ({"code": "gone"}, "code"),
            ({"code": "a\0b"}, "code"),
            ({"code": "git+https://example.org/x"}, "code"),
            ({"inputs": {"d": JobInput("uri_file", "gone.csv")}}, "inputs.d.path"),
            ({"inputs": {"d": JobInput("uri_file", "src")}}, "inputs.d.path"),
            ({"inputs": {"d": JobInput("uri_file", "a\0b")}}, "inputs.d.path"),
            ({"inputs": {"d": JobInput("uri_file", "x" * 300)}}, "inputs.d.path"),
            ({"inputs": {"d": JobInput("uri_file", "azureml:nothing:1")}}, "inputs.d.path"),
            ({"inputs": {"d": JobInput("uri_file", "azureml:nothing@latest")}}, "inputs.d.path"),
            ({"inputs": {"d": JobInput("uri_folder", "azureml://datastores/nowhere/paths/x")}}, "inputs.d.path"),
            ({"inputs": {"d": JobInput("integer", value="one")}}, "inputs.d.value"),
            ({"inputs": {"1d": 1}}, "inputs.1d"),
            ({"outputs": {"o": JobOutput("uri_folder", "here")}}, "outputs.o.path"),
            ({"outputs": {"o": JobOutput(path="azureml://datastores/nowhere/paths/x")}}, "outputs.o.path"),
            ({"outputs": {"o": JobOutput(version=1)}}, "outputs.o.version"),
            ({"environment_variables": {"A B": 1}}, "environment_variables.A B"),
            ({"environment": EnvironmentSpec(image="i", conda_file="gone.yml")}, "environment.conda_file"),
            ({"environment": EnvironmentSpec(image="i", conda_file="broken.yml")}, "environment.conda_file"),
            ({"limits": JobLimits(0)}, "limits.timeout"),
            ({"resources": JobResources(instance_count=-1)}, "resources.instance_count"),
        ],
    )
    async def test_every_fault_has_its_path(
        self, jobs: JobService, base: Path, make_file: MakeFile, more: dict[str, object], path: str
    ) -> None:
        make_file("src/train.py", SCRIPT)
        make_file("broken.yml", "dependencies: [")
        fields: dict[str, object] = {"command": "true", "environment": ENVIRONMENT, **more}
        spec = CommandJob(**fields)  # type: ignore[arg-type]
        found = await jobs.preflight(spec, base=base)
        assert [fault.path for fault in found.errors] == [path]
        with pytest.raises(SpecError) as caught:
            await jobs.submit(spec, base=base)
        assert caught.value.faults == found.errors
        assert await names(jobs) == []

    async def test_all_faults_at_once_worst_first(self, jobs: JobService, base: Path) -> None:
        spec = CommandJob(
            "run ${{inputs.x}}",
            code="gone",
            compute="azureml:cpu-cluster",
            environment=ENVIRONMENT,
            limits=JobLimits(-1),
        )
        found = await jobs.preflight(spec, base=base)
        assert {"command", "code", "limits.timeout"} <= {fault.path for fault in found.errors}
        order = [fault.severity for fault in found.faults]
        assert order == sorted(order, key=["error", "warning", "note"].index)


class TestList:
    async def test_pages_hold_each_job_once_while_jobs_are_added(self, jobs: JobService, finish: FinishJob) -> None:
        made = [finish(f"job_{number}").name for number in range(7)]
        first = await jobs.list(JobQuery(), limit=3)
        assert (first.total, len(first.items)) == (7, 3)
        finish("late_1")
        second = await jobs.list(JobQuery(), first.cursor, limit=3)
        finish("late_2")
        third = await jobs.list(JobQuery(), second.cursor, limit=3)
        found = [job.name for page in (first, second, third) for job in page.items]
        assert found == made[::-1]
        assert third.cursor is None
        assert third.total == 9

    @pytest.mark.parametrize("order", ["created_at", "name", "display_name", "experiment_name", "status", "duration"])
    @pytest.mark.parametrize("descending", [True, False])
    async def test_orders_page_too(self, jobs: JobService, finish: FinishJob, order: str, *, descending: bool) -> None:
        made = {finish(name, f"exp{index % 2}").name for index, name in enumerate("cadbe")}
        query = JobQuery(order_by=order, descending=descending)
        whole = await jobs.list(query)
        found: list[JobSummary] = []
        cursor = None
        for _ in range(3):
            page = await jobs.list(query, cursor, limit=2)
            found += page.items
            cursor = page.cursor
        assert cursor is None
        assert tuple(found) == whole.items
        assert {job.name for job in found} == made
        if order in ("status", "duration"):
            assert [job.name for job in found] == sorted(made), "equal ones are ordered by name"
        else:
            keys = [getattr(job, order) for job in found]
            assert keys == sorted(keys, reverse=descending)

    async def test_filters(self, jobs: JobService, finish: FinishJob) -> None:
        finish("keen_star_1", "diabetes")
        finish("calm_100%_2", "titanic")
        tagged = await submitted(
            jobs,
            "exit 1",
            name="wide",
            display_name="Straße [bold]",
            tags={"wer": "漢字 Ähre"},
            experiment_name="other",
        )
        await ended(jobs, tagged)
        for text, expected in {
            "KEEN": ["keen_star_1"],
            "star diab": ["keen_star_1"],
            "diab titanic": [],
            "%": ["calm_100%_2"],
            "_": ["calm_100%_2", "keen_star_1"],
            "failed": ["wide"],
            "漢字": ["wide"],
            "ähre wer": ["wide"],
            "STRASSE": ["wide"],
            "{": [],
            '"': [],
            "[bold]": ["wide"],
            "'; --": [],
        }.items():
            assert sorted(await names(jobs, text=text)) == expected, text
        assert await names(jobs, statuses=frozenset({JobStatus.FAILED})) == ["wide"]
        assert await names(jobs, statuses=frozenset({JobStatus.FAILED, JobStatus.COMPLETED}), text="calm") == [
            "calm_100%_2"
        ]
        assert await names(jobs, statuses=frozenset({JobStatus.RUNNING})) == []
        assert await names(jobs, experiment_name="titanic") == ["calm_100%_2"]
        assert await names(jobs, experiment_name="tit") == []
        assert await names(jobs, compute="nowhere") == []
        assert await names(jobs, parent_name="wide") == []

    async def test_a_strange_cursor_is_refused(self, jobs: JobService, finish: FinishJob) -> None:
        finish("a")
        for cursor in ("", "nonsense", "[1]", "{}", "[[], {}, null]"):
            with pytest.raises(UserError):
                await jobs.list(JobQuery(), cursor)

    async def test_the_archived_are_hidden(self, jobs: JobService, finish: FinishJob) -> None:
        for name in ("a", "b"):
            finish(name)
        await jobs.archive("a")
        await jobs.archive("a")
        assert await names(jobs) == ["b"]
        assert await names(jobs, include_archived=True) == ["b", "a"]
        page = await jobs.list(JobQuery(include_archived=True))
        assert [job.archived for job in page.items] == [False, True]
        await jobs.archive("a", archived=False)
        assert await names(jobs) == ["b", "a"]
        with pytest.raises(NotFoundError):
            await jobs.archive("nothing")


@pytest.mark.parametrize("name", ["nothing", "", "..", "../jobs", HOSTILE, "a/b"])
async def test_no_such_job(jobs: JobService, tmp_path: Path, name: str) -> None:
    for call in (
        jobs.get(name),
        jobs.cancel(name),
        jobs.log_files(name),
        jobs.read_log(name, LOG, 0, 10),
        jobs.artifacts(name),
        jobs.read_artifact(name, "a"),
        jobs.code_files(name),
        jobs.read_code(name, "a"),
        jobs.download(name, tmp_path / "to"),
        jobs.archive(name),
        jobs.spec(name),
        anext(jobs.watch(name)),
    ):
        with pytest.raises(NotFoundError):
            await call
    assert not (tmp_path / "to").exists()


class TestCancel:
    async def test_it_ends_the_whole_tree_and_may_be_asked_twice(self, jobs: JobService, tmp_path: Path) -> None:
        beat = tmp_path / "beat"
        alive = f"while true; do date +%N >> {beat}; sleep 0.02; done"
        name = await submitted(jobs, f"echo up; (setsid bash -c '{alive}' &); {alive}")
        await reached(jobs, name, JobStatus.RUNNING)
        await asyncio.gather(jobs.cancel(name), jobs.cancel(name))
        job = await ended(jobs, name)
        assert (job.status, job.error) == (JobStatus.CANCELED, None)
        assert JobStatus.CANCEL_REQUESTED in {change.status for change in job.timeline}
        size = beat.stat().st_size if beat.exists() else 0
        await asyncio.sleep(0.1)
        assert (beat.stat().st_size if beat.exists() else 0) == size, "something of the job still runs"
        with pytest.raises(ConflictError) as caught:
            await jobs.cancel(name)
        assert "Canceled" in caught.value.detail

    async def test_one_that_has_ended_can_not_be_canceled(self, jobs: JobService) -> None:
        name = await submitted(jobs, "true")
        await ended(jobs, name)
        with pytest.raises(ConflictError):
            await jobs.cancel(name)
        assert (await jobs.get(name)).status is JobStatus.COMPLETED


class TestWatch:
    async def test_it_tells_what_happens_until_the_end(self, jobs: JobService) -> None:
        name = await submitted(jobs, "echo one; sleep 0.6; echo two")
        events = [event async for event in jobs.watch(name)]
        assert isinstance(events[0], StatusChanged)
        statuses = [event.job.status for event in events if isinstance(event, StatusChanged)]
        assert JobStatus.RUNNING in statuses
        assert statuses[-1] is JobStatus.COMPLETED
        assert [event.size for event in events if event == LogAppended(LOG, 4) or event == LogAppended(LOG, 8)] == [
            4,
            8,
        ]

    async def test_of_a_job_that_has_ended_it_tells_all_at_once(self, jobs: JobService, finish: FinishJob) -> None:
        name = await submitted(jobs, "echo one; exit 3")
        await ended(jobs, name)
        events = [event async for event in jobs.watch(name)]
        assert isinstance(events[0], StatusChanged)
        assert events[0].job == await jobs.get(name)
        assert {event.file: event.size for event in events if isinstance(event, LogAppended)} == {
            log.path: log.size for log in await jobs.log_files(name)
        }
        assert [event for event in events if isinstance(event, MetricsLogged)] == [MetricsLogged(())]
        assert len(events) == 2 + len(await jobs.log_files(name))

    async def test_two_may_watch_and_one_may_leave(self, jobs: JobService) -> None:
        name = await submitted(jobs, "sleep 0.4")
        async for event in jobs.watch(name):
            assert isinstance(event, StatusChanged)
            break

        async def last_status() -> JobStatus:
            return [e.job.status async for e in jobs.watch(name) if isinstance(e, StatusChanged)][-1]

        assert set(await asyncio.gather(last_status(), last_status())) == {JobStatus.COMPLETED}


class TestClone:
    async def test_a_clone_runs_the_code_that_ran(self, jobs: JobService, base: Path, make_file: MakeFile) -> None:
        script = make_file("src/train.py", SCRIPT)
        make_file("d.csv", "a\n1\n")
        name = await submitted(
            jobs,
            f"{PYTHON} train.py ${{{{inputs.rate}}}} && cat ${{{{inputs.data}}}}",
            base=base,
            name="first",
            code="src",
            inputs={"rate": 0.5, "data": JobInput("uri_file", "d.csv")},
            environment_variables={"API_KEY": "hunter2hunter2"},
            tags={"model": "lr"},
        )
        await ended(jobs, name)
        script.unlink()
        spec, start = await jobs.spec(name)
        assert spec.name is None
        assert (spec.tags, spec.environment_variables) == ({"model": "lr"}, {"API_KEY": "hunter2hunter2"})
        clone = await jobs.submit(replace(spec, inputs={**spec.inputs, "rate": 0.1}), base=start)
        assert clone.name != name
        assert (await ended(jobs, clone.name)).status is JobStatus.COMPLETED
        assert await log_of(jobs, clone.name) == "trained 0.1\na\n1\n"
        assert await log_of(jobs, name) == "trained 0.5\na\n1\n"
