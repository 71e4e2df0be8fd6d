"""A terminal that a test types into and reads: a pseudo-terminal with pyte as its screen.

with Terminal([lapis, "-w", folder], columns=80, lines=24) as terminal:
    terminal.wait_for("No jobs yet")
    terminal.press("g", "d")
    assert terminal.leave("q") == 0
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import pyte

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "delete": "\x1b[3~",
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefgklnopqrstuvwxyz"},
}

# what pyte 0.8.2 would print or choke on: the kitty keyboard protocol, mode queries, and device strings
_UNKNOWN = re.compile(
    rb"\x1b\[[<>=][0-9;:]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b[P_^][^\x1b]*\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-9;:?<>=$]*|[P_^\]][^\x07\x1b]*\x1b?)?\Z")


class Terminal:
    """A program in a pseudo-terminal of its own session.

    Attributes:
        received: every byte that the program has written.
        screen: pyte's screen.
        pid: the program's process.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        columns: int = 120,
        lines: int = 40,
    ) -> None:
        self.received = bytearray()
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._rest = b""
        self._status: int | None = None
        self.master, slave = os.openpty()
        self._set_size(columns, lines)
        name = os.ttyname(slave)
        arguments = [os.fspath(part) for part in command]
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        for size in ("COLUMNS", "LINES"):
            environment.pop(size, None)
        # posix_spawn, not fork: this process may have threads; opening the terminal in a new session makes it its own
        self.started = time.monotonic()
        self.pid = os.posix_spawn(
            arguments[0],
            arguments,
            environment,
            file_actions=[
                (os.POSIX_SPAWN_CLOSE, self.master),
                (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
                (os.POSIX_SPAWN_DUP2, 0, 1),
                (os.POSIX_SPAWN_DUP2, 0, 2),
            ],
            setsid=True,
            setsigdef=[signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGTERM],
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def resize(self, columns: int, lines: int) -> None:
        """Make the window another size; the program is told."""
        self.screen.resize(lines, columns)
        self._set_size(columns, lines)

    @property
    def text(self) -> str:
        """The screen, a line a row, without blanks at the ends."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def alternate_screen(self) -> bool:
        """Whether the program has entered the alternate screen and not left it."""
        return self.received.rfind(b"\x1b[?1049h") > self.received.rfind(b"\x1b[?1049l")

    @property
    def cursor_shown(self) -> bool:
        """Whether the cursor was last shown, not hidden."""
        return self.received.rfind(b"\x1b[?25h") >= self.received.rfind(b"\x1b[?25l")

    @property
    def mouse_on(self) -> bool:
        """Whether the program still asks for mouse reports."""
        return self.received.rfind(b"\x1b[?1000h") > self.received.rfind(b"\x1b[?1000l")

    def send(self, text: str) -> None:
        """Type text as it is."""
        os.write(self.master, text.encode())

    def press(self, *keys: str) -> None:
        """Press keys: names such as `enter` and `ctrl+s`, or characters."""
        for key in keys:
            self.send(KEYS.get(key, key))

    def pump(self, timeout: float = 0.0) -> int:
        """Read what has come, waiting at most so long for the first byte; how many bytes came, -1 at the end."""
        count = 0
        while select.select([self.master], [], [], timeout if not count else 0)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:  # EIO: the program has closed its side
                data = b""
            if not data:
                return count or -1
            self._feed(data)
            count += len(data)
        return count

    def _feed(self, data: bytes) -> None:
        self.received += data
        data = self._rest + data
        unfinished = _UNFINISHED.search(data)
        cut = unfinished.start() if unfinished else len(data)
        self._rest = data[cut:]
        self._stream.feed(_UNKNOWN.sub(b"", data[:cut]))

    def wait(self, condition: Callable[[], object], timeout: float = 20.0, *, what: str = "") -> None:
        """Read until the condition holds. Raises AssertionError with the screen."""
        deadline = time.monotonic() + timeout
        while not condition():
            left = deadline - time.monotonic()
            if left <= 0 or (self.pump(min(left, 0.05)) < 0 and not condition()):
                why = "did not come in time" if left <= 0 else "never came: the program has ended"
                raise AssertionError(f"{what or 'it'} {why}; the screen was:\n{self.text}")

    def wait_for(self, *texts: str, timeout: float = 20.0) -> str:
        """Read until each text is on the screen; the screen then."""
        self.wait(lambda: all(text in self.text for text in texts), timeout, what=repr(texts))
        return self.text

    def wait_at_both_sizes(self, *texts: str, timeout: float = 20.0) -> None:
        """Read until each text is on the screen, turn the window to the other of 80x24 and 120x40, and again."""
        self.wait_for(*texts, timeout=timeout)
        before = len(self.received)
        self.resize(*((120, 40) if self.screen.columns == 80 else (80, 24)))
        self.wait(lambda: len(self.received) > before, what="an answer to another size")
        self.wait_for(*texts)

    def wait_gone(self, text: str, timeout: float = 20.0) -> None:
        """Read until a text is no longer on the screen."""
        self.wait(lambda: text not in self.text, timeout, what=f"the end of {text!r}")

    def exit_code(self, timeout: float = 20.0) -> int:
        """Wait for the end of the program; negative for a signal. Raises AssertionError."""
        deadline = time.monotonic() + timeout
        while self._status is None:
            self.pump(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                raise AssertionError(f"the program did not end within {timeout} s; the screen was:\n{self.text}")
        self.pump()
        return self._status

    def leave(self, *keys: str, timeout: float = 20.0) -> int:
        """Press keys that end the program; its exit code."""
        self.press(*keys)
        return self.exit_code(timeout)

    def hang_up(self) -> None:
        """Take the terminal away, as a dropped SSH connection does: the session gets SIGHUP."""
        os.close(self.master)
        self.master = -1

    def ended(self, timeout: float = 20.0) -> int:
        """After `hang_up`: the exit code."""
        deadline = time.monotonic() + timeout
        while self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > deadline:
                raise AssertionError(f"the program lives on {timeout} s after its terminal has gone")
            else:
                time.sleep(0.02)
        return self._status

    def kill(self) -> None:
        """End the program with SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """End what still runs, and give the terminal back."""
        if self._status is None:
            with suppress(ProcessLookupError):
                self.kill()
            with suppress(ChildProcessError):
                self._status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        if self.master >= 0:
            os.close(self.master)
            self.master = -1
