"""Asking a child's module within the test's own process: no start, no import of scikit-learn for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from services.child_process import ChildProcess
from services.entities.tables import Progress
from services.features.child import Desk


class InProcess(ChildProcess):
    """Answers as the process does, in a thread."""

    def __init__(self, module: str, work: str) -> None:
        super().__init__(module, work)
        self._desk = Desk()

    async def ask(self, request: Mapping[str, Any], progress: Progress | None = None) -> dict[str, Any]:
        """The answer of the child's own code."""
        loop = asyncio.get_running_loop()

        def tell(done: int, total: int) -> None:
            if progress:
                loop.call_soon_threadsafe(progress, done, total)

        return await asyncio.to_thread(self._desk.answer, dict(request), tell)
