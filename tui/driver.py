"""A driver that leaves when the terminal goes away.

Textual 8.2.8's LinuxDriver reads end-of-file again and again (a core at 100 %), prints a traceback on EIO, and its
writer thread dies on the first failed write, after which the app blocks for ever on a full queue. A dropped SSH
connection does all three.
"""

from __future__ import annotations

import os
import selectors
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import IO, Any, cast

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver


class _LossProofFile:
    """The terminal to write to; after the first failed write all others are dropped."""

    def __init__(self, file: IO[str], lost: Callable[[], None]) -> None:
        self._file = file
        self._report = lost
        self._lost = False

    def write(self, text: str) -> None:
        """Write, or drop it."""
        self._try(lambda: self._file.write(text))

    def flush(self) -> None:
        """Flush, unless the terminal is lost."""
        self._try(self._file.flush)

    def fileno(self) -> int:
        """The terminal's."""
        return self._file.fileno()

    def _try(self, call: Callable[[], object]) -> None:
        if self._lost:
            return
        try:
            call()
        except (OSError, ValueError):
            self._lost = True
            self._report()


class SteadyDriver(LinuxDriver):
    """Tells the app with `terminal_lost` once nothing can be read or written any more."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(app, **options)
        self._file = cast(Any, _LossProofFile(cast("IO[str]", sys.__stderr__), self._terminal_lost))

    def _terminal_lost(self) -> None:
        self._app.call_later(cast(Any, self._app).terminal_lost)

    def run_input_thread(self) -> None:
        """As LinuxDriver's, but the end of the input ends the app."""
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(0.1):
                    try:
                        data = os.read(self.fileno, 4096)
                    except OSError:
                        data = b""
                    if not data:
                        self._terminal_lost()
                        return
                    for event in parser.feed(decode(data)):
                        self.process_message(event)
                for event in parser.tick():
                    self.process_message(event)
