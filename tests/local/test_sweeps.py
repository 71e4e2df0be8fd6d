"""Sweeps that really run: limits, policies, restarts, cancel."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import textwrap
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from services.entities import ChildrenChanged, JobQuery, JobStatus
from services.entities.sweeps import DecisionKind, SweepState
from services.errors import SpecError
from services.local import supervisor, sweep_jobs, sweep_record
from services.local.sweep_record import TrialRecord
from services.local.workspace import LocalWorkspace
from services.specs.sweep import Distribution, EarlyTermination, Objective, Sampling, SweepJob, SweepLimits, Trial
from services.sweeps.distributions import point_of
from tests.support.running_jobs import ENVIRONMENT, ended, log_of
from tests.support.waiting import eventually

LOG_METRIC = textwrap.dedent(
    """
    import os, sqlite3, time

    def log(value, step):
        connection = sqlite3.connect(os.environ["MLFLOW_TRACKING_URI"].removeprefix("sqlite:///"), timeout=20)
        with connection:
            connection.execute(
                "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('acc', ?, ?, ?, ?, 0)",
                (value, int(time.time() * 1000), os.environ["MLFLOW_RUN_ID"], step),
            )
        connection.close()
    """
)
"""How a trial logs without the seconds of importing MLflow."""
REG = {"reg": Distribution("choice", values=[0.01, 0.1, 1])}
GRID = Sampling("grid")


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A folder for the code of trials."""
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "metric.py").write_text(LOG_METRIC)
    return folder


def sweep(
    code: Path,
    script: str,
    limits: SweepLimits,
    *,
    space: Mapping[str, Distribution] = REG,
    sampling: Sampling = GRID,
    policy: EarlyTermination | None = None,
) -> SweepJob:
    """A sweep of a script that finds its hyperparameter in `reg` and logs by `log(value, step)`."""
    (code / "train.py").write_text(f"import sys, time\nfrom metric import log\nreg = float(sys.argv[1])\n{script}\n")
    return SweepJob(
        trial=Trial(f"{sys.executable} train.py ${{{{search_space.reg}}}}", code=str(code), environment=ENVIRONMENT),
        objective=Objective("acc", "maximize"),
        limits=limits,
        search_space=space,
        sampling_algorithm=sampling,
        early_termination=policy,
    )


async def submitted(local: LocalWorkspace, spec: SweepJob) -> str:
    return (await local.jobs.submit(spec, base=Path("/"))).name


async def running(local: LocalWorkspace, name: str, count: int) -> SweepState:
    """Wait until so many trials run."""

    async def are_there() -> bool:
        state = await local.sweeps.state(name)
        return sum(trial.status is JobStatus.RUNNING for trial in state.trials) == count

    await eventually(are_there, 30, interval=0.05)
    return await local.sweeps.state(name)


async def test_a_grid_runs_one_after_another_and_announces_its_tie(local: LocalWorkspace, code: Path) -> None:
    name = await submitted(local, sweep(code, "log(0.774 if reg < 1 else 0.5, 0)", SweepLimits(10, 1)))
    told = [event.names async for event in local.jobs.watch(name) if isinstance(event, ChildrenChanged)]
    assert {child for names in told for child in names} == {f"{name}_{number}" for number in range(3)}
    job = await local.jobs.get(name)
    assert (job.status, job.error, job.summary.child_count) == (JobStatus.COMPLETED, None, 3)
    state = await local.sweeps.state(name)
    assert [trial.parameters for trial in state.trials] == [{"reg": 0.01}, {"reg": 0.1}, {"reg": 1}]
    assert [trial.status for trial in state.trials] == [JobStatus.COMPLETED] * 3
    times = [time for trial in state.trials for time in (trial.started_at, trial.ended_at)]
    assert times == sorted(filter(None, times))
    assert state.best is not None
    assert (state.planned, state.best.tied, state.best.value) == (3, (0, 1), 0.774)
    assert "Best acc 0.774: a tie of the trials 0, 1." in await log_of(local.jobs, name)
    children = await local.jobs.list(JobQuery(parent_name=name, order_by="name", descending=False))
    assert [child.name for child in children.items] == [f"{name}_{number}" for number in range(3)]
    assert [(item.name, item.child_count) for item in (await local.jobs.list(JobQuery())).items] == [(name, 3)]
    with closing(sqlite3.connect(local.layout.mlflow_database)) as connection:
        parents = connection.execute("SELECT value FROM tags WHERE key = 'mlflow.parentRunId'").fetchall()
    assert parents == [(job.run_id,)] * 3


async def test_a_policy_ends_a_poor_trial_and_says_why(local: LocalWorkspace, code: Path) -> None:
    script = "for step in range(400):\n    log(reg, step)\n    time.sleep(0.05)\n    if reg == 1 and step > 20: break"
    space = {"reg": Distribution("choice", values=[1, 0.1])}
    policy = EarlyTermination("bandit", slack_amount=0.2, evaluation_interval=2)
    name = await submitted(local, sweep(code, script, SweepLimits(2, 2), space=space, policy=policy))
    assert (await ended(local.jobs, name)).status is JobStatus.COMPLETED
    state = await local.sweeps.state(name)
    good, poor = state.trials
    assert (good.status, good.is_cut) == (JobStatus.COMPLETED, False)
    assert (poor.status, poor.is_cut, len(poor.curve) < 400) == (JobStatus.CANCELED, True, True)
    (decision,) = state.decisions
    assert (decision.kind, decision.trial, decision.policy) == (DecisionKind.CUT, 1, "bandit")
    assert decision.values == {"value": 0.1, "bound": 0.8, "best": 1.0}
    assert (await local.jobs.get(poor.job)).timeline[-1].detail == decision.reason
    assert decision.reason.endswith("its best 0.1 is below 0.8, all that slack 0.2 allows beside 1.")


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["driver", "supervisor"])
async def test_a_killed_sweep_goes_on_and_no_trial_is_lost_or_run_twice(
    local: LocalWorkspace, code: Path, victim: str
) -> None:
    runs = code.parent / "runs"
    script = f"open({str(runs)!r}, 'a').write(f'{{reg}}\\n')\ntime.sleep(1.5)\nlog(reg, 0)"
    name = await submitted(local, sweep(code, script, SweepLimits(3, 2)))
    before = await running(local, name, 2)
    state = supervisor.read_state(local.layout.job(name))
    os.kill(state["pid" if victim == "driver" else "supervisor"], signal.SIGKILL)
    if victim == "supervisor":
        await eventually(lambda: not supervisor.marked(local.layout.job(name)), 10)
        record = sweep_record.load(local.layout.job(name))
        assert record is not None
        record.trials.append(TrialRecord({"reg": point_of(2, 3)}, {"reg": 1}))  # drawn, but not submitted any more
        record.save(local.layout.job(name))
    job = await ended(local.jobs, name)
    assert (job.status, job.error) == (JobStatus.COMPLETED, None)
    after = await local.sweeps.state(name)
    assert [trial.status for trial in after.trials] == [JobStatus.COMPLETED] * 3
    assert [trial.started_at for trial in after.trials[:2]] == [trial.started_at for trial in before.trials]
    assert sorted(map(float, runs.read_text().split())) == [0.01, 0.1, 1]
    assert [decision.kind for decision in after.decisions] == [DecisionKind.ADOPTED]


async def test_cancel_ends_the_sweep_and_its_trials(local: LocalWorkspace, code: Path) -> None:
    name = await submitted(local, sweep(code, "log(reg, 0); time.sleep(300)", SweepLimits(3, 2)))
    state = await running(local, name, 2)
    await local.jobs.cancel(name)
    assert (await ended(local.jobs, name)).status is JobStatus.CANCELED
    for trial in state.trials:
        job = await ended(local.jobs, trial.job)
        assert (job.status, job.timeline[-1].detail) == (JobStatus.CANCELED, "Its sweep was canceled.")
    after = await local.sweeps.state(name)
    assert (len(after.trials), after.best is not None) == (2, True)


async def test_a_trial_that_is_canceled_or_lost_harms_no_other(local: LocalWorkspace, code: Path) -> None:
    name = await submitted(local, sweep(code, "log(reg, 0); time.sleep(300 if reg < 1 else 0)", SweepLimits(3, 3)))
    await eventually(lambda: _has_children(local, name, 3), 30)
    await local.jobs.cancel(f"{name}_0")
    lost = local.layout.job(f"{name}_1")
    await eventually(lambda: "supervisor" in supervisor.read_state(lost), 30)
    os.kill(supervisor.read_state(lost)["supervisor"], signal.SIGKILL)
    assert (await ended(local.jobs, name)).status is JobStatus.COMPLETED
    statuses = [trial.status for trial in (await local.sweeps.state(name)).trials]
    assert statuses == [JobStatus.CANCELED, JobStatus.FAILED, JobStatus.COMPLETED]


async def _has_children(local: LocalWorkspace, name: str, count: int) -> bool:
    return len((await local.jobs.list(JobQuery(parent_name=name))).items) == count


async def test_limits_of_time_end_a_trial_and_the_sweep(local: LocalWorkspace, code: Path) -> None:
    limits = SweepLimits(9, 1, timeout=3, trial_timeout=1)
    name = await submitted(local, sweep(code, "log(reg, 0); time.sleep(300)", limits))
    job = await ended(local.jobs, name)
    assert (job.status, job.timeline[-1].detail) == (
        JobStatus.CANCELED,
        "The sweep ran longer than its limit of 3 s.",
    )
    state = await local.sweeps.state(name)
    assert (state.trials[0].status, state.trials[0].error) == (
        JobStatus.FAILED,
        "The job ran longer than its limit of 1 s.",
    )
    assert DecisionKind.LIMIT in {decision.kind for decision in state.decisions}


async def test_a_sweep_without_a_good_trial_has_failed_and_says_why(local: LocalWorkspace, code: Path) -> None:
    name = await submitted(local, sweep(code, "sys.exit(3)", SweepLimits(1)))
    job = await ended(local.jobs, name)
    assert job.error is not None
    assert job.error.title == "None of the 1 trials completed. Trial 0: The command ended with exit code 3."


async def test_faults_stand_at_their_fields_and_nothing_is_left(
    local: LocalWorkspace, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = sweep(code, "", SweepLimits(3), space={"reg": Distribution("uniform", min_value=0, max_value=1)})
    with pytest.raises(SpecError) as caught:
        await submitted(local, spec)
    assert [fault.path for fault in caught.value.faults if fault.severity == "error"] == ["search_space.reg"]
    branches = {"reg": Distribution("choice", values=[{"kind": "l1", "c": 1}])}
    nested = await local.jobs.preflight(sweep(code, "", SweepLimits(3), space=branches), base=Path("/"))
    assert [fault.path for fault in nested.faults if fault.severity == "error"] == ["search_space.reg.values"]
    bayesian = sweep(code, "", SweepLimits(3), sampling=Sampling("bayesian"))
    monkeypatch.setattr(sweep_jobs, "find_spec", lambda name: None)
    without = await local.jobs.preflight(bayesian, base=Path("/"))
    (missing,) = (fault for fault in without.faults if fault.severity == "error")
    assert missing.path == "sampling_algorithm"
    assert missing.message.startswith("needs optuna, which is not installed")
    assert (await local.jobs.list(JobQuery())).items == ()
