"""How many reads Azure Resource Manager still allows, as its answers tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

FEW = 20
"""Reads that are left for what somebody waits for."""
PAUSE = 5.0
"""Seconds in which the bucket fills up again (learn.microsoft.com, "Throttling Resource Manager requests")."""


class RateLimit:
    """What the last answers told; any thread may note.

    Attributes:
        calls: answers so far.
        remaining_reads, remaining_writes: as last told; None before that.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.calls = 0
        self.remaining_reads: int | None = None
        self.remaining_writes: int | None = None
        self._clock = clock
        self._noted = 0.0

    def note(self, headers: Mapping[str, str]) -> None:
        """Take over what an answer's headers tell."""
        self.calls += 1
        for kind in ("reads", "writes"):
            told = headers.get(f"x-ms-ratelimit-remaining-subscription-{kind}", "")
            if told.isdecimal():
                setattr(self, f"remaining_{kind}", int(told))
                self._noted = self._clock()

    @property
    def pause(self) -> float:
        """Seconds that a read for which nobody waits should wait; 0 while there are enough."""
        if self.remaining_reads is None or self.remaining_reads >= FEW:
            return 0.0
        return max(0.0, self._noted + PAUSE - self._clock())
