"""The app in a real pseudo-terminal: it leaves, promptly and cleanly, whatever becomes of the terminal."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

CHILD = """
import asyncio, os, pathlib, signal, sys
os.open(os.ttyname(1), os.O_RDWR)  # the session's first terminal becomes its controlling one
from tests.support.fake_workspace import FakeWorkspace
from tests.tui.conftest import STUBS
from tui import registry
from tui.app import LapisApp
from services.targets import LocalTarget
from tui.driver import SteadyDriver
from tui.run import _run

registry.SCREENS.update({n: f"tests.tui.conftest:{STUBS.get(n, 'ThingScreen')}" for n in registry.SCREENS})

async def opener(target):
    return FakeWorkspace()

app = LapisApp(opener, LocalTarget(pathlib.Path("x")), driver_class=SteadyDriver)
if "deaf" in sys.argv:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    asyncio.run(app.run_async())
    sys.exit(app.return_code)
sys.exit(asyncio.run(_run(app)))
"""


@dataclass
class Terminal:
    """A pseudo-terminal with the app in it."""

    master: int
    slave: int
    process: subprocess.Popen[bytes]
    before: list[object]
    output: bytearray = field(default_factory=bytearray)

    def read_until(self, text: bytes, timeout: float = 20.0) -> None:
        deadline = time.monotonic() + timeout
        while text not in self.output:
            ready, _, _ = select.select([self.master], [], [], 0.1)
            if ready:
                self.output += os.read(self.master, 65536)
            assert time.monotonic() < deadline, bytes(self.output[-2000:])

    def drain(self) -> None:
        while select.select([self.master], [], [], 0.1)[0]:
            self.output += os.read(self.master, 65536)

    def close_master(self) -> None:
        os.close(self.master)
        self.master = -1

    def end(self, timeout: float = 10.0) -> int:
        deadline = time.monotonic() + timeout
        while self.process.poll() is None and time.monotonic() < deadline:
            if self.master >= 0 and select.select([self.master], [], [], 0.05)[0]:
                self.output += os.read(self.master, 65536)
            else:
                time.sleep(0.02)
        assert self.process.poll() is not None, "the process hangs"
        return self.process.returncode


def start(*arguments: str, stdin: int | None = None) -> Terminal:
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments],
        cwd=ROOT,
        stdin=slave if stdin is None else stdin,
        stdout=slave,
        stderr=slave,
        env=environment,
        start_new_session=True,
    )
    return Terminal(master, slave, process, termios.tcgetattr(slave))


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    made: list[Terminal] = []
    yield made
    for terminal in made:
        if terminal.process.poll() is None:
            terminal.process.kill()
            terminal.process.wait()
        for number in (terminal.master, terminal.slave):
            if number >= 0:
                os.close(number)


def opened(terminals: list[Terminal], *arguments: str) -> Terminal:
    terminal = start(*arguments)
    terminals.append(terminal)
    terminal.read_until(b"plucky_lake_1")
    return terminal


def test_q_restores_the_terminal(terminals: list[Terminal]) -> None:
    terminal = opened(terminals)
    os.write(terminal.master, b"q")
    assert terminal.end() == 0
    terminal.drain()
    assert b"\x1b[?1049l" in terminal.output
    assert termios.tcgetattr(terminal.slave) == terminal.before


def test_sigterm_restores_the_terminal(terminals: list[Terminal]) -> None:
    terminal = opened(terminals)
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.end() == 128 + signal.SIGTERM
    terminal.drain()
    assert b"\x1b[?1049l" in terminal.output
    assert b"Traceback" not in terminal.output
    assert termios.tcgetattr(terminal.slave) == terminal.before


def test_the_terminal_goes_away(terminals: list[Terminal]) -> None:
    """A dropped connection: SIGHUP, then EIO on every read and write."""
    terminal = opened(terminals)
    os.close(terminal.slave)
    terminal.slave = -1
    terminal.close_master()
    assert terminal.end() == 128 + signal.SIGHUP


def test_the_terminal_goes_away_without_a_signal(terminals: list[Terminal]) -> None:
    """As under nohup: only the failing reads and writes tell."""
    terminal = opened(terminals, "deaf")
    os.close(terminal.slave)
    terminal.slave = -1
    terminal.close_master()
    assert terminal.end() == 128 + signal.SIGHUP


def test_the_end_of_the_input_ends_the_app(terminals: list[Terminal]) -> None:
    """Standard input that is empty is no reason to spin."""
    terminal = start(stdin=subprocess.DEVNULL)
    terminals.append(terminal)
    assert terminal.end(30) == 128 + signal.SIGHUP


def test_a_program_that_goes_on_paints_all_again(terminals: list[Terminal]) -> None:
    """Stopped by the shell, which then had the terminal."""
    terminal = opened(terminals)
    terminal.drain()
    pid = terminal.process.pid
    os.kill(pid, signal.SIGTSTP)
    assert os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1])
    terminal.drain()
    terminal.output.clear()
    os.kill(pid, signal.SIGCONT)
    terminal.read_until(b"plucky_lake_1")
