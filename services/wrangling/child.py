"""The process in which previews run: `python -m services.wrangling.child`, started by `services.wrangling.wrangler`.

A request is its length (8 bytes, big-endian) and a JSON document on stdin, an answer the same on stdout. The last
sample stays in memory, so that a change of a step costs the steps alone.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from services.wrangling.execution import plain_words, preview, read_sample
from services.wrangling.recipe import Recipe, read_recipe


def main() -> None:
    """Answer requests until stdin ends."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no answer
    samples = _Samples()
    while (request := read_message(requests)) is not None:
        try:
            answer = _answer(request, samples)
        except Exception as error:
            answer = {"error": plain_words(error)}
        write_message(answers, answer)


def read_message(stream: IO[bytes]) -> dict[str, Any] | None:
    """The next message; None at the end."""
    head = stream.read(8)
    if len(head) < 8:
        return None
    message: dict[str, Any] = json.loads(stream.read(int.from_bytes(head, "big")))
    return message


def write_message(stream: IO[bytes], message: dict[str, Any]) -> None:
    """Send a message."""
    stream.write(packed(message))
    stream.flush()


def packed(message: dict[str, Any]) -> bytes:
    """A message as bytes."""
    data = json.dumps(message).encode("ascii")
    return len(data).to_bytes(8, "big") + data


class _Samples:
    """Reads a sample once, as long as the file and how it is read stay the same."""

    def __init__(self) -> None:
        self._key: object = None
        self._held: tuple[Any, bool] = (None, False)

    def get(self, recipe: Recipe, path: Path, limit: int) -> tuple[Any, bool]:
        """The sample and whether there is more."""
        stat = path.stat()
        key = (path, stat.st_mtime_ns, stat.st_size, repr(recipe.read), limit)
        if key != self._key:
            self._key, self._held = None, (None, False)  # frees the memory of the old one first
            self._held = read_sample(path, recipe.read, limit)
            self._key = key
        return self._held


def _answer(request: dict[str, Any], samples: _Samples) -> dict[str, Any]:
    recipe = read_recipe(request["recipe"])
    frame, is_sample = samples.get(recipe, Path(request["path"]), request["limit"])
    found = preview(recipe, frame, is_sample=is_sample, rows_shown=request["shown"], tables=request["tables"])
    return {**asdict(found), "changed": sorted(found.changed)}


if __name__ == "__main__":
    main()
