"""The process in which previews run: `python -m services.wrangling.child`, started by `services.wrangling.wrangler`.

The last sample stays in memory, so that a change of a step costs the steps alone.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.child_process import serve
from services.entities.tables import Progress
from services.wrangling.execution import plain_words, preview, read_sample
from services.wrangling.recipe import Recipe, read_recipe


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


class _Previews:
    """Answers requests for previews."""

    def __init__(self) -> None:
        self._samples = _Samples()

    def answer(self, request: dict[str, Any], _progress: Progress) -> dict[str, Any]:
        """A preview, or what went wrong."""
        try:
            recipe = read_recipe(request["recipe"])
            frame, is_sample = self._samples.get(recipe, Path(request["path"]), request["limit"])
            found = preview(recipe, frame, is_sample=is_sample, rows_shown=request["shown"], tables=request["tables"])
        except Exception as error:
            return {"error": plain_words(error)}
        return {**asdict(found), "changed": sorted(found.changed)}


if __name__ == "__main__":
    serve(_Previews().answer)
