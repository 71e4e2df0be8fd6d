"""A process of Python beside this one, for work that would hold up keys or has to be ended at any moment.

A message is its length (8 bytes, big-endian) and a JSON document. The child's module has a function that answers
requests, and ends with `serve(answer)`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import IO, Any

from services.entities.tables import Progress
from services.errors import MachineError


class ChildProcess:
    """Asks one thing after the other of a process, which starts with the first.

    A question that is cancelled ends the process; the next one starts another.

    Args:
        module: what the process runs.
        work: what it does, for an error: `preview`.
    """

    def __init__(self, module: str, work: str) -> None:
        self._module, self._work = module, work
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def process_id(self) -> int | None:
        """The process; None while there is none."""
        return self._process.pid if self._process else None

    async def ask(self, request: Mapping[str, Any], progress: Progress | None = None) -> dict[str, Any]:
        """The answer to a request. Raises MachineError if the process ends instead."""
        async with self._turn:
            try:
                process = await self._running()
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(packed(request))
                await process.stdin.drain()
                while "progress" in (answer := await _next_message(process.stdout)):
                    if progress:
                        progress(*answer["progress"])
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                await self.close()
                raise MachineError(
                    f"The process of the {self._work} has ended, perhaps for want of memory.",
                    title=f"The {self._work} broke off",
                    advice="Try again, or look at fewer rows.",
                ) from error
            except BaseException:
                # its answer would come to the next question
                await asyncio.shield(self.close())
                raise
        return answer

    async def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            # -P: no module of the folder that Lapis was started in
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", self._module),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        return self._process


async def _next_message(stream: asyncio.StreamReader) -> dict[str, Any]:
    size = int.from_bytes(await stream.readexactly(8), "big")
    message: dict[str, Any] = json.loads(await stream.readexactly(size))
    return message


def serve(answer: Callable[[dict[str, Any], Progress], dict[str, Any]]) -> None:
    """In the child: answer requests until stdin ends. What `answer` is handed tells how far it is."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer

    def send(message: Mapping[str, Any]) -> None:
        answers.write(packed(message))
        answers.flush()

    while (request := _read_message(requests)) is not None:
        send(answer(request, lambda done, total: send({"progress": [done, total]})))


def _read_message(stream: IO[bytes]) -> dict[str, Any] | None:
    """The next message; None at the end."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    message: dict[str, Any] = json.loads(stream.read(int.from_bytes(head, "big")))
    return message


def packed(message: Mapping[str, Any]) -> bytes:
    """A message as bytes."""
    data = json.dumps(dict(message)).encode("ascii")
    return len(data).to_bytes(8, "big") + data
