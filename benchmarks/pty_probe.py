"""A stopwatch on a program in a pseudo-terminal: what it sends, when, and what it costs.

with Probe([lapis], env, columns=120, lines=40) as probe:
    start = probe.start_up("job_1000", "down", "job_999")
    key = probe.press("down")

It reads bytes and keeps no screen: a terminal emulator on the same cores would be part of what is measured.
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
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

KEYS = {
    "enter": b"\r",
    "escape": b"\x1b",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
}
# control sequences; strings to the terminal (titles, queries); charset and keypad choices
_CONTROL = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[P\]X^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|[\x00-\x1f]")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[P\]X^_][^\x07\x1b]*\x1b?|[ -/]*)\Z")
_MODE_QUERY = re.compile(rb"\x1b\[\?([0-9]+)\$p")
_SYNCHRONISED_OUTPUT = b"2026"

START_QUIET = 0.4
"""Seconds without a byte after which a start is over."""
KEY_QUIET = 0.1
"""Seconds without a byte after which the answer to a key is over: six frames of 60 a second."""
CALM = 0.3
"""Seconds without a byte before a key is pressed: what followed the key before, when the cursor rested, is over."""
HOLD_INTERVAL = 1 / 30
"""Seconds between two repeats of a held key."""


class ProbeError(Exception):
    """What was waited for never came."""


@dataclass(frozen=True)
class Start:
    """A start, in seconds from exec, and the CPU seconds of the process by then; bytes and memory until it was quiet.

    Painted: the first visible character. Usable: a text was there, and a key that was pressed then was answered.
    """

    painted: float
    painted_cpu: float
    usable: float
    usable_cpu: float
    settled_cpu: float
    sent: int
    peak_memory: int


@dataclass(frozen=True)
class Answer:
    """The answer to a key: seconds from the write to its first and last byte, its bytes, CPU seconds."""

    first: float
    last: float
    sent: int
    cpu: float


@dataclass(frozen=True)
class Usage:
    """What a program did in a while: bytes and CPU seconds, each a second."""

    sent: float
    cpu: float


class Probe:
    """A program in a pseudo-terminal and a session of its own; its clock starts before it is started."""

    def __init__(self, command: Sequence[str | Path], env: Mapping[str, str], *, columns: int, lines: int) -> None:
        self._seen = bytearray()  # since the program or a key was started
        self._received = 0
        self._status: int | None = None
        self._master, slave = os.openpty()
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        name = os.ttyname(slave)
        arguments = [os.fspath(part) for part in command]
        self._started = time.perf_counter()
        self.pid = os.posix_spawn(
            arguments[0],
            arguments,
            {**env, "TERM": "xterm-256color"},
            file_actions=[
                (os.POSIX_SPAWN_CLOSE, self._master),
                (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
                (os.POSIX_SPAWN_DUP2, 0, 1),
                (os.POSIX_SPAWN_DUP2, 0, 2),
            ],
            setsid=True,
        )
        os.close(slave)

    def __enter__(self) -> Probe:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the program, if it has not ended by itself."""
        if self._status is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            deadline = time.perf_counter() + 5
            while self._status is None and time.perf_counter() < deadline:
                with suppress(ProbeError):  # what it still sends is thrown away, so that it can end
                    self._read(0.02)
                if self._status is None:
                    self._reap(os.WNOHANG)
            if self._status is None:
                os.kill(self.pid, signal.SIGKILL)
                self._reap(0)
        os.close(self._master)

    def _reap(self, flags: int) -> None:
        pid, status, _ = os.wait4(self.pid, flags)
        if pid:
            self._status = status

    @property
    def cpu(self) -> float:
        """CPU seconds of all threads so far, user and system: the process's own clock, to the nanosecond (Linux)."""
        return time.clock_gettime((~self.pid << 3) | 2)  # CPUCLOCK_SCHED of another process, clock_getcpuclockid(3)

    @property
    def peak_memory(self) -> int:
        """The most bytes that were resident so far."""
        return peak_memory(self.pid)

    def start_up(self, ready: str, key: str = "", answer: str = "") -> Start:
        """Read until a text was there, press a key and read until its answer was, then until nothing came.

        Raises ProbeError.
        """
        self._wait_for(lambda text: bool(text.strip()), "a character")
        painted, painted_cpu = self._elapsed, self.cpu
        self._wait_for(lambda text: ready.encode() in text, ready)
        if key:
            self._seen.clear()
            self._write(key)
            self._wait_for(lambda text: answer.encode() in text, answer)
        usable, usable_cpu = self._elapsed, self.cpu
        self.settle(START_QUIET)
        return Start(painted, painted_cpu, usable, usable_cpu, self.cpu, self._received, self.peak_memory)

    def press(self, key: str, *, quiet: float = KEY_QUIET, timeout: float = 5) -> Answer:
        """Press a key that changes the screen, and read its whole answer, which a quiet ends. Raises ProbeError."""
        self.settle(CALM)
        self._seen.clear()
        cpu = self.cpu
        pressed = time.perf_counter()
        self._write(key)
        if not (sent := self._read(timeout)):
            raise ProbeError(f"nothing answered {key!r} within {timeout} s")
        first = last = time.perf_counter()
        while count := self._read(quiet):
            last = time.perf_counter()
            sent += count
        return Answer(first - pressed, last - pressed, sent, self.cpu - cpu)

    def send(self, key: str) -> None:
        """Press a key, and read until the answer is over; none is one too, as at the end of a list."""
        self._write(key)
        self.settle(KEY_QUIET)

    def go(self, key: str, text: str) -> float:
        """Press a key; seconds until a text has been sent since. Raises ProbeError."""
        self.settle(KEY_QUIET)
        self._seen.clear()
        pressed = time.perf_counter()
        self._write(key)
        self._wait_for(lambda seen: text.encode() in seen, text)
        return time.perf_counter() - pressed

    def hold(self, key: str, seconds: float) -> float:
        """Hold a key, as a keyboard repeats it; seconds from the last repeat to the last byte that was sent."""
        self.settle(KEY_QUIET)
        repeats = round(seconds / HOLD_INTERVAL)
        begun = last = time.perf_counter()
        for repeat in range(repeats):
            due = begun + repeat * HOLD_INTERVAL
            while (left := due - time.perf_counter()) > 0:
                self._read(left)
            self._write(key)
        pressed, quiet = time.perf_counter(), 5.0  # the last repeat is answered, however late
        while self._read(quiet):
            last, quiet = time.perf_counter(), KEY_QUIET
        return max(0.0, last - pressed)

    def idle(self, seconds: float) -> Usage:
        """What the program does while nobody touches the keyboard."""
        self.settle(START_QUIET)
        cpu, begun, sent = self.cpu, time.perf_counter(), 0
        while (left := begun + seconds - time.perf_counter()) > 0:
            sent += self._read(left)
        return Usage(sent / seconds, (self.cpu - cpu) / seconds)

    def settle(self, quiet: float, timeout: float = 30) -> None:
        """Read until nothing has come for a while."""
        deadline = time.perf_counter() + timeout
        while self._read(quiet):
            if time.perf_counter() > deadline:
                raise ProbeError(f"it never was quiet for {quiet} s")

    @property
    def _elapsed(self) -> float:
        return time.perf_counter() - self._started

    def _write(self, key: str) -> None:
        os.write(self._master, KEYS.get(key) or key.encode())

    def _wait_for(self, condition: Callable[[bytes], bool], what: str, timeout: float = 60) -> None:
        deadline = time.perf_counter() + timeout
        while not condition(self._text):
            while not self._read(0.02):
                if time.perf_counter() > deadline:
                    raise ProbeError(f"{what!r} did not come within {timeout} s; there was: {self._text[-2000:]!r}")

    @property
    def _text(self) -> bytes:
        return _CONTROL.sub(b" ", _UNFINISHED.sub(b"", bytes(self._seen)))

    def _read(self, timeout: float) -> int:
        """Read once; the number of bytes, 0 if none came in time."""
        if not select.select([self._master], [], [], max(0.0, timeout))[0]:
            return 0
        try:
            data = os.read(self._master, 1 << 20)
        except OSError as error:  # EIO: the program has ended
            if self._status is None:
                self._reap(0)
            raise ProbeError(f"the program ended: {self._text[-2000:]!r}") from error
        self._seen += data
        self._received += len(data)
        for mode in _MODE_QUERY.findall(data):  # a terminal of today: it can show a frame at once (mode 2026)
            os.write(self._master, b"\x1b[?%s;%d$y" % (mode, 2 if mode == _SYNCHRONISED_OUTPUT else 0))
        return len(data)


def peak_memory(pid: int) -> int:
    """The most bytes of a process that were resident so far; 0 if it has gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
