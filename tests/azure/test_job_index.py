from __future__ import annotations

import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.azure.job_index import JobIndex
from services.entities import JobQuery, JobStatus, JobSummary, JobType
from services.errors import UserError

pytestmark = pytest.mark.azure

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def job(name: str, minutes: int = 0, status: JobStatus = JobStatus.COMPLETED, **more: object) -> JobSummary:
    """A job that was made some minutes ago."""
    made = NOW - timedelta(minutes=minutes)
    return JobSummary(name, f"shown {name}", "diabetes", status, made, **more)  # type: ignore[arg-type]


@pytest.fixture
def index(tmp_path: Path) -> JobIndex:
    return JobIndex(tmp_path / "cache")


def names(index: JobIndex, **query: object) -> list[str]:
    items, cursor, total = index.page(JobQuery(**query), None, 100)  # type: ignore[arg-type]
    assert cursor is None
    assert total == len(items)
    return [found.name for found in items]


def test_what_was_put_is_there_again_in_another_process(index: JobIndex, tmp_path: Path) -> None:
    whole = job(
        "a",
        type=JobType.SWEEP,
        started_at=NOW,
        ended_at=NOW + timedelta(seconds=3.5),
        compute="cpu",
        created_by="ada",
        tags={"k": "漢字", "": ""},
        archived=True,
        error_title="ValueError: no rows",
    )
    assert index.put([whole], at=NOW) == 1
    again = JobIndex(tmp_path / "cache")
    assert again.get("a") == whole
    assert again.get("b") is None


def test_pages_are_newest_first_and_stay_good_while_jobs_come(index: JobIndex) -> None:
    index.put([job(f"j{minutes}", minutes) for minutes in range(5)], at=NOW)
    first, cursor, total = index.page(JobQuery(), None, 2)
    assert ([found.name for found in first], total) == (["j0", "j1"], 5)
    index.put([job("new", -1)], at=NOW)
    second, cursor, total = index.page(JobQuery(), cursor, 2)
    assert ([found.name for found in second], total) == (["j2", "j3"], 6)
    third, cursor, _ = index.page(JobQuery(), cursor, 2)
    assert ([found.name for found in third], cursor) == (["j4"], None)
    with pytest.raises(UserError):
        index.page(JobQuery(), "nonsense", 2)


def test_children_and_archived_jobs_stay_apart(index: JobIndex) -> None:
    index.put([job("sweep"), job("trial", parent_name="sweep"), job("old", archived=True)], at=NOW)
    assert names(index) == ["sweep"]
    assert names(index, parent_name="sweep") == ["trial"]
    assert sorted(names(index, include_archived=True)) == ["old", "sweep"]


def test_only_what_differs_counts_as_changed(index: JobIndex) -> None:
    running = job("a", status=JobStatus.RUNNING)
    assert index.put([running, job("b")], at=NOW) == 2
    assert index.put([running, job("b")], at=NOW) == 0
    assert index.put([replace(running, tags={"k": "v"}), job("b")], at=NOW) == 1
    assert index.put([replace(running, status=JobStatus.COMPLETED, tags={"k": "v"})], at=NOW) == 1
    assert names(index, statuses=frozenset({JobStatus.RUNNING})) == []


def test_the_list_forgets_nothing_that_was_learned_from_the_job(index: JobIndex) -> None:
    begun, ended = NOW - timedelta(minutes=2), NOW - timedelta(minutes=1)
    failed = job("a", 5, JobStatus.FAILED)
    learned = replace(failed, started_at=begun, ended_at=ended, error_title="KeyError: 'x'", parent_name="sweep")
    index.put([learned], at=NOW)
    assert index.put([failed], at=NOW) == 0
    index.put([replace(failed, tags={"k": "v"})], at=NOW)
    assert index.get("a") == replace(learned, tags={"k": "v"})


def test_learning_changes_the_times_alone(index: JobIndex) -> None:
    index.put([job("a", 5, JobStatus.RUNNING)], at=NOW)
    index.learn("a", NOW - timedelta(minutes=4), NOW)
    found = index.get("a")
    assert found == job("a", 5, JobStatus.RUNNING, started_at=NOW - timedelta(minutes=4)), "it has not ended"
    index.put([job("a", 5)], at=NOW)
    index.learn("a", None, NOW)
    found = index.get("a")
    assert found == job("a", 5, started_at=NOW - timedelta(minutes=4), ended_at=NOW)


def test_a_job_that_runs_again_has_not_ended(index: JobIndex) -> None:
    index.put([job("a", 5, JobStatus.FAILED, ended_at=NOW, error_title="KeyError")], at=NOW)
    index.put([job("a", 5, JobStatus.RUNNING)], at=NOW)
    found = index.get("a")
    assert found is not None
    assert (found.ended_at, found.error_title) == (None, "")


def test_statuses_are_seen_once_each(index: JobIndex) -> None:
    for minutes, status in enumerate((JobStatus.QUEUED, JobStatus.RUNNING, JobStatus.RUNNING, JobStatus.COMPLETED)):
        index.put([job("a", 9, status)], at=NOW + timedelta(minutes=minutes))
    index.note("a", JobStatus.QUEUED, NOW + timedelta(hours=1))
    assert [(change.status, (change.at - NOW).total_seconds() / 60) for change in index.seen("a")] == [
        (JobStatus.QUEUED, 0),
        (JobStatus.RUNNING, 1),
        (JobStatus.COMPLETED, 3),
    ]
    assert index.seen("b") == []


def test_active_ones_are_those_that_may_change(index: JobIndex) -> None:
    index.put(
        [
            job("done", 1),
            job("older", 9, JobStatus.RUNNING),
            job("newer", 2, JobStatus.QUEUED),
            job("trial", 1, JobStatus.RUNNING, parent_name="older"),
            job("odd", 3, JobStatus.UNKNOWN),
        ],
        at=NOW,
    )
    assert index.active() == ["newer", "odd", "older"]


def test_deleted_jobs_go_but_none_that_came_meanwhile(index: JobIndex) -> None:
    index.put([job("kept", 9), job("gone", 8), job("new", 1), job("trial", 9, parent_name="kept")], at=NOW)
    index.keep_only(["kept"], until=NOW - timedelta(minutes=5))
    assert names(index) == ["new", "kept"]
    assert names(index, parent_name="kept") == ["trial"]
    index.remove("kept")
    assert names(index) == ["new"]


def test_facts(index: JobIndex) -> None:
    assert index.fact("refreshed") is None
    index.set_fact("refreshed", NOW)
    index.set_fact("refreshed", NOW + timedelta(seconds=1))
    assert index.fact("refreshed") == NOW + timedelta(seconds=1)


def test_nobody_else_may_read_it(index: JobIndex) -> None:
    index.put([job("a")], at=NOW)
    for path in index.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    assert stat.S_IMODE(index.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_broken_file_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "jobs.db").write_bytes(content)
    index = JobIndex(tmp_path)
    index.put([job("a")], at=NOW)
    assert names(index) == ["a"]


def test_the_tables_of_another_version_are_begun_anew(index: JobIndex, tmp_path: Path) -> None:
    import sqlite3

    index.put([job("a")], at=NOW)
    with sqlite3.connect(index.path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert names(JobIndex(tmp_path / "cache")) == []
