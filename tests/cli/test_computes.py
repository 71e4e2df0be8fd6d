"""`lapis compute` on a real local workspace."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CREATE = ("compute", "create", "-n", "cpu-pool", "--type", "amlcompute")


def test_a_pool_is_created_by_options_scaled_and_deleted(run: Run) -> None:
    made = run(*CREATE, "--max-instances", 2, "--idle-time-before-scale-down", 30, "--tags", "team=ml")
    assert made.code == 0, made.err
    assert (made.json["max_instances"], made.json["idle_time"], made.json["tags"]) == (2, 30, {"team": "ml"})

    changed = run("compute", "update", "-n", "cpu-pool", "--max-instances", 3, "--description", "for all")
    assert (changed.json["max_instances"], changed.json["idle_time"]) == (3, 30)
    assert changed.json["description"] == "for all"
    assert run("compute", "list").out.splitlines()[2].split()[:2] == ["cpu-pool", "amlcompute"]
    assert [c["name"] for c in run("compute", "list", "-t", "AmlCompute", "-o", "json").json] == ["cpu-pool"]

    assert run("compute", "delete", "-n", "cpu-pool", "--yes").code == 0
    assert run("compute", "show", "-n", "cpu-pool").code == 1


def test_a_pool_is_created_from_a_file_and_notes_are_told(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "pool.yml"
    path.write_text("name: spot\ntype: amlcompute\nsize: Standard_DS3_v2\ntier: low_priority\nmax_instances: 1\n")
    made = run("compute", "create", "-f", path, "--min-instances", 1, "--set", "description=cheap")
    assert (made.json["tier"], made.json["min_instances"], made.json["description"]) == ("low_priority", 1, "cheap")
    assert "note: size: Standard_DS3_v2 is replaced by this machine" in made.err
    nodes = run("compute", "list-nodes", "-n", "spot", "-o", "json").json
    assert [(node["node_id"], node["node_state"]) for node in nodes] == [("spot-0", "idle")]
    assert "spot-0  idle" in run("compute", "list-nodes", "-n", "spot").out


def test_faults_are_told_with_their_fields(run: Run) -> None:
    refused = run(*CREATE, "--min-instances", 3, "--max-instances", 2)
    assert refused.code == 1
    assert "error: min_instances: expected at most max_instances (2), got 3" in refused.err
    assert run("compute", "create", "--name", "x").code == 1
    fixed = run(*CREATE, "--tier", "dedicated").code, run(*CREATE, "--tier", "low_priority")
    assert fixed[0] == 0
    assert "error: tier: can't be changed after the creation" in fixed[1].err


@pytest.mark.parametrize(("answer", "code"), [("y\n", 0), ("n\n", 1), ("", 1)])
def test_deleting_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch, answer: str, code: int) -> None:
    run(*CREATE)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    done = run("compute", "delete", "-n", "cpu-pool")
    assert done.code == code
    assert "Delete amlcompute cpu-pool?" in done.err
    assert run("compute", "show", "-n", "cpu-pool").code == (1 - code)


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
def test_a_pool_can_not_be_switched(run: Run, verb: str) -> None:
    run(*CREATE)
    refused = run("compute", verb, "-n", "cpu-pool")
    assert refused.code == 1
    assert "it is a pool" in refused.err


def test_what_can_not_be_attached_here_is_refused(run: Run) -> None:
    refused = run("compute", "attach", "-n", "edge", "--type", "kubernetes", "--resource-id", "/subscriptions/S")
    assert refused.code == 1
    assert "a local workspace has this machine and pools of it" in refused.err


def test_the_size_of_this_machine_and_no_quota(run: Run) -> None:
    (size,) = run("compute", "list-sizes", "-o", "json").json
    assert size["v_cp_us"] >= 1
    assert size["memory_gb"] > 0.1
    assert run("compute", "list-usage", "-o", "json").json == []


def test_read_only_mode_refuses_all_that_writes(run: Run) -> None:
    for verb in ("create", "update", "attach", "start", "stop", "restart", "delete"):
        assert run("--read-only", "compute", verb, "-n", "cpu-pool").code == 1
