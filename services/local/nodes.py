"""The nodes of a pool, as its jobs' supervisors see them: standard library only.

A node is a file that a supervisor locks while its job runs, and in which it writes the job's name. Nothing runs for an
idle node, so nobody has to take it away: it has left when its time is over, whoever looks.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

IDLE = "idle"
PREEMPTED = "preempted"
"""What a node's file says instead of a job's name after the node was taken away."""
RETURN = 5.0
"""Seconds until a node that was taken away can be had again."""


def read_pool(folder: Path) -> dict[str, Any] | None:
    """A pool's fields, as services.local.pools writes them; None when the pool was deleted."""
    try:
        pool: dict[str, Any] = json.loads((folder / "pool.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return pool


def node_file(folder: Path, number: int) -> Path:
    """The file of a node, counted from 0."""
    return folder / "nodes" / f"{number}.lock"


def free_nodes(folder: Path) -> list[Path] | None:
    """The files of the nodes that a job may take, the idle ones first; None when the pool was deleted."""
    pool = read_pool(folder)
    if pool is None:
        return None
    states = {
        node_file(folder, number): rest_state(
            node_file(folder, number), is_kept=number < pool["min_instances"], idle_time=pool["idle_time"]
        )
        for number in range(pool["max_instances"])
    }
    return sorted((file for file in states if states[file] != PREEMPTED), key=lambda file: states[file] != IDLE)


def rest_state(file: Path, *, is_kept: bool, idle_time: float) -> str:
    """What a node is while no job holds it: idle, preempted, or empty when it has left.

    Args:
        is_kept: it is one of the fewest that the pool has, so it never leaves.
        idle_time: seconds from its last job to its leaving.
    """
    try:
        rested, mark = time.time() - file.stat().st_mtime, file.read_text("utf-8")
    except OSError:
        return IDLE if is_kept else ""
    if mark == PREEMPTED:
        return PREEMPTED if rested < RETURN else IDLE if is_kept else ""
    return IDLE if is_kept or rested < idle_time else ""
