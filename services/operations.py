"""What goes on in the background: creations, deletions, uploads, downloads. Screens come and go; an operation stays."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field, replace
from enum import StrEnum

from services.errors import ServiceError

KEPT = 50
"""Operations that have ended and are still told of."""


class OperationState(StrEnum):
    """Where an operation is."""

    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True)
class Operation:
    """One piece of work.

    Attributes:
        verb: what is being done: `Create`, `Start`, `Upload`, ...
        subject: on what: a compute's name, a job's name, a folder.
        done: bytes so far, of `total`; both 0 where it can't be told.
        detail: where it is now, in a few words: `2 of 4 files`.
        started: seconds of `time.monotonic`; so is `ended`, which is None while it runs.
    """

    number: int
    verb: str
    subject: str
    state: OperationState = OperationState.RUNNING
    done: int = 0
    total: int = 0
    detail: str = ""
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    error: ServiceError | None = None


class OperationLog:
    """The operations of a workspace since it was opened, in memory; any thread may call it."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._operations: dict[int, Operation] = {}

    def list(self) -> tuple[Operation, ...]:
        """All of them, the newest first."""
        return tuple(sorted(self._operations.copy().values(), key=lambda operation: -operation.number))

    @property
    def running(self) -> tuple[Operation, ...]:
        """Those that go on, the newest first."""
        return tuple(o for o in self.list() if o.state is OperationState.RUNNING)

    def begin(self, verb: str, subject: str, *, total: int = 0) -> int:
        """An operation has begun; returns its number."""
        number = next(self._numbers)
        self._operations[number] = Operation(number, verb, subject, total=total)
        ended = [o.number for o in self.list() if o.state is not OperationState.RUNNING]
        for old in ended[KEPT:]:
            self._operations.pop(old, None)
        return number

    def progress(self, number: int, *, done: int | None = None, total: int | None = None, detail: str = "") -> None:
        """It has come this far; what isn't given stays."""
        now = self._operations[number]
        self._operations[number] = replace(
            now,
            done=now.done if done is None else done,
            total=now.total if total is None else total,
            detail=detail or now.detail,
        )

    def succeed(self, number: int) -> None:
        """It is done."""
        self._end(number, OperationState.SUCCEEDED, None)

    def fail(self, number: int, error: ServiceError) -> None:
        """It ended with an error."""
        self._end(number, OperationState.FAILED, error)

    def _end(self, number: int, state: OperationState, error: ServiceError | None) -> None:
        now = self._operations[number]
        self._operations[number] = replace(now, state=state, error=error, ended=time.monotonic())
