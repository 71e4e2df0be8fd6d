"""What the driver of a sweep remembers, in `sweep.json` of the sweep's folder: replaced atomically, read by all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.entities.sweeps import Decision, DecisionKind, ParameterValue
from services.local.supervisor import write_json

FILE_NAME = "sweep.json"


@dataclass
class TrialRecord:
    """A trial that was drawn; written before its job is submitted, so that none is drawn twice.

    Attributes:
        point: where in the unit cube it lies.
        is_cut: the policy has asked for its end.
    """

    point: Mapping[str, float]
    parameters: Mapping[str, ParameterValue]
    is_cut: bool = False


@dataclass
class SweepRecord:
    """A sweep so far.

    Attributes:
        seed: that draws come from.
        started_at: seconds since the epoch; a driver that is started again counts the limit of time from here.
        trials: by number.
    """

    seed: int
    started_at: float
    trials: list[TrialRecord] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)

    def save(self, folder: Path) -> None:
        """Write it to the sweep's folder. Raises OSError."""
        content = {**asdict(self), "decisions": [_written(decision) for decision in self.decisions]}
        write_json(folder / FILE_NAME, content)


def load(folder: Path) -> SweepRecord | None:
    """The record in a sweep's folder; None before its driver began."""
    try:
        content: dict[str, Any] = json.loads((folder / FILE_NAME).read_text("utf-8"))
    except FileNotFoundError:
        return None
    return SweepRecord(
        content["seed"],
        content["started_at"],
        [TrialRecord(**trial) for trial in content["trials"]],
        [_read(decision) for decision in content["decisions"]],
    )


def _written(decision: Decision) -> dict[str, Any]:
    return {**asdict(decision), "at": decision.at.timestamp()}


def _read(content: Mapping[str, Any]) -> Decision:
    at = datetime.fromtimestamp(content["at"], UTC)
    return Decision(**{**content, "at": at, "kind": DecisionKind(content["kind"])})
