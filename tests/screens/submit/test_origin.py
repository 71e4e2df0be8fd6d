"""What a form begins with."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.submit.form import EMPTY_JOB
from screens.submit.origin import Origin, origin_of, origin_text
from services.errors import NotFoundError, SpecError
from tests.support.fake_workspace import FakeWorkspace


async def test_a_clone_is_another_job(workspace: FakeWorkspace) -> None:
    origin = await origin_of("clone:keen_star_4", workspace.jobs)
    assert origin.job.name is None
    assert origin.job.display_name == "train diabetes, reg 0.01"
    with pytest.raises(NotFoundError):
        await origin_of("clone:nobody", workspace.jobs)


@pytest.mark.parametrize("subject", ["", "data:diabetes:2"])
async def test_nothing_starts_from_the_current_folder(workspace: FakeWorkspace, subject: str) -> None:
    assert await origin_of(subject, workspace.jobs) == Origin(EMPTY_JOB, Path.cwd(), "A new job")


async def test_paths_of_a_file_start_from_its_folder(workspace: FakeWorkspace, empty_home: Path) -> None:
    (empty_home / "churn").mkdir()
    (empty_home / "churn" / "job.yml").write_text("command: echo 1\n")
    origin = await origin_of("file:~/churn/job.yml", workspace.jobs)
    assert (origin.job.command, origin.base) == ("echo 1", empty_home / "churn")
    assert origin_text(origin) == "From job.yml · paths start from ~/churn"


@pytest.mark.parametrize("path", ["gone.yml", "~nobody-of-that-name/job.yml", "x" * 300, "."])
async def test_a_file_that_can_not_be_read(
    workspace: FakeWorkspace, path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpecError):
        await origin_of(f"file:{path}", workspace.jobs)


def test_only_the_own_home_is_a_tilde(empty_home: Path) -> None:
    beside = Path(f"{empty_home}-beside/x")
    assert origin_text(Origin(EMPTY_JOB, empty_home, "A new job")).endswith("from ~")
    assert origin_text(Origin(EMPTY_JOB, beside, "A new job")).endswith(str(beside))
