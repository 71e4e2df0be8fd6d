from __future__ import annotations

import math

import pytest

from services.errors import NotFoundError
from services.workspace import Workspace
from tests.contract.conftest import FinishJob
from tests.support.entities import HOSTILE
from tests.support.local_jobs import FinishedJob, is_same

LOSS = [("loss", 1, 0.5), ("loss", 2, 0.25), ("loss", 2, 0.125)]
ODD = [("odd", 0, math.nan), ("odd", 1, math.inf), ("odd", 2, -math.inf)]


class TestTracking:
    async def test_a_run_has_params_latest_metrics_and_tags(self, workspace: Workspace, job: FinishedJob) -> None:
        run = await workspace.tracking.run(job.name)
        assert dict(run.params) == {"reg rate": "0.01", "note": HOSTILE}
        assert set(run.metrics) == {"accuracy", "loss", "odd"}
        assert (run.metrics["accuracy"], run.metrics["loss"]) == (0.774, 0.125)
        assert math.isnan(run.metrics["odd"])
        assert run.tags["mlflow.runName"] == job.name

    @pytest.mark.parametrize(
        ("keys", "expected"),
        [
            ((), [("accuracy", 0, 0.774), *LOSS, *ODD]),
            (("loss",), LOSS),
            (("odd", "loss", "nothing"), [*LOSS, *ODD]),
            (("LOSS", "%", "' OR 1=1 --", HOSTILE), []),
        ],
    )
    async def test_history_is_by_key_step_and_time(
        self, workspace: Workspace, job: FinishedJob, keys: tuple[str, ...], expected: list[tuple[str, int, float]]
    ) -> None:
        found = await workspace.tracking.history(job.name, keys)
        assert [(point.key, point.step) for point in found] == [(key, step) for key, step, _ in expected]
        assert all(is_same(point.value, value) for point, (_, _, value) in zip(found, expected, strict=True))
        assert all(point.at.tzinfo for point in found)

    async def test_points_of_one_step_keep_their_time(self, workspace: Workspace, job: FinishedJob) -> None:
        loss = await workspace.tracking.history(job.name, ["loss"])
        assert loss[1].at < loss[2].at

    async def test_each_job_has_its_own_run(self, workspace: Workspace, finish: FinishJob) -> None:
        one, two = finish("keen_star_1"), finish("calm_sea_2")
        for job in (one, two):
            assert (await workspace.tracking.run(job.name)).tags["mlflow.runName"] == job.name
            assert len(await workspace.tracking.history(job.name)) == 7

    async def test_an_unknown_job(self, workspace: Workspace, job: FinishedJob) -> None:
        run_ids = {job.run_id} - {job.name}  # in Azure they are the same
        for name in ("no_such_job_1", *run_ids, "", "%", HOSTILE):
            with pytest.raises(NotFoundError):
                await workspace.tracking.run(name)
            with pytest.raises(NotFoundError):
                await workspace.tracking.history(name)

    async def test_the_experiment_that_ran_last_is_first(self, workspace: Workspace, finish: FinishJob) -> None:
        finish("a_1", "zeta")
        finish("b_2", HOSTILE)
        finish("c_3", "alpha")
        finish("d_4", HOSTILE)
        found = await workspace.tracking.experiments()
        ran = [experiment for experiment in found if experiment.run_count]
        assert found[: len(ran)] == ran, "those without a run come last"
        assert [(e.name, e.run_count) for e in ran] == [(HOSTILE, 2), ("alpha", 1), ("zeta", 1)]
        times = [e.last_run_at for e in ran if e.last_run_at is not None]
        assert len(times) == 3
        assert times == sorted(times, reverse=True)
        assert len({e.experiment_id for e in found}) == len(found)
        assert not any(e.archived for e in found)
