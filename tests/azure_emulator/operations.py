"""Long-running operations: what ARM answers with 201 or 202 and a status to poll."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import RLock
from typing import Any
from uuid import uuid4


@dataclass
class Operation:
    """Work that ends at `due` (seconds of `time.monotonic`); `error` holds why it failed, `result` what it found."""

    id: str
    due: float
    finish: Callable[[dict[str, Any] | None], None]
    done: bool = False
    error: dict[str, Any] | None = None
    result: dict[str, Any] | None = None

    @property
    def status(self) -> dict[str, Any]:
        """The body of the operation's status, always sent with HTTP 200."""
        if not self.done:
            return {"status": "InProgress"}
        if self.error is not None:
            return {"status": "Failed", "error": self.error}
        return {"status": "Succeeded", "percentComplete": 100.0}


class Operations:
    """All operations. Time moves when somebody looks: `advance` ends those that are due."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._operations: dict[str, Operation] = {}
        self._failures: list[dict[str, Any]] = []

    def start(self, seconds: float, finish: Callable[[dict[str, Any] | None], None]) -> Operation:
        """Begins an operation; `finish` is called once with None, or with the error that it failed with."""
        with self._lock:
            operation = Operation(str(uuid4()), time.monotonic() + seconds, finish)
            if self._failures:
                operation.error = self._failures.pop(0)
            self._operations[operation.id] = operation
            return operation

    def fail_next(self, code: str, message: str) -> None:
        """Lets the next operation that starts end as Failed."""
        with self._lock:
            self._failures.append({"code": code, "message": message})

    def get(self, operation_id: str) -> Operation | None:
        """The operation of that id."""
        with self._lock:
            return self._operations.get(operation_id)

    def advance(self) -> None:
        """Ends what is due by now."""
        self._end(lambda operation: operation.due <= time.monotonic())

    def finish_all(self) -> None:
        """Ends what is under way, however long it was to take."""
        self._end(lambda operation: True)

    def clear(self) -> None:
        """Forgets all operations and failures to come; none of them ends."""
        with self._lock:
            self._operations.clear()
            self._failures.clear()

    def _end(self, is_due: Callable[[Operation], bool]) -> None:
        with self._lock:
            for operation in [one for one in self._operations.values() if not one.done and is_due(one)]:
                operation.done = True
                operation.finish(operation.error)
