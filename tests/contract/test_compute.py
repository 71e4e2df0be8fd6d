from __future__ import annotations

import pytest

from services.errors import NotFoundError
from services.workspace import Workspace
from tests.contract.conftest import FinishJob
from tests.support.entities import HOSTILE


class TestCompute:
    async def test_a_job_can_run_somewhere(self, workspace: Workspace) -> None:
        found = await workspace.compute.list()
        assert [compute.name for compute in found] == sorted(compute.name for compute in found)
        assert len(found) == (await workspace.info()).counts["computes"] >= 1
        for compute in found:
            assert compute.name
            assert compute.type
            assert compute.state
            assert compute.size
            assert compute.vcpus >= 1
            assert compute.slots >= 1
            assert compute.memory > 100_000_000, "bytes"
            assert await workspace.compute.get(compute.name) == compute

    async def test_jobs_that_have_ended_are_not_counted(self, workspace: Workspace, finish: FinishJob) -> None:
        finish("keen_star_1")
        finish("calm_sea_2")
        for compute in await workspace.compute.list():
            assert (compute.running_jobs, compute.queued_jobs) == (0, 0)

    @pytest.mark.parametrize("name", ["nowhere", "", "%", HOSTILE])
    async def test_no_such_compute(self, workspace: Workspace, name: str) -> None:
        with pytest.raises(NotFoundError):
            await workspace.compute.get(name)
