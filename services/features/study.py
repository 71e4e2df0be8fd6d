"""Scores and private answers of a table that is open, in a process of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services import errors
from services.child_process import ChildProcess
from services.entities.features import (
    USUAL,
    FeatureScore,
    FeatureScores,
    PermutationOptions,
    PrivateQuery,
    PrivateQuestion,
    PrivateResult,
    ScoreMethod,
    StudiedRows,
    SubsetScore,
    Task,
)
from services.entities.tables import Progress
from services.features.table import write_rows

if TYPE_CHECKING:
    from services.tables.frames import Frame
    from services.tables.table import Table

MODULE = "services.features.child"


class _Study:
    """A table, and the process that works on rows of it, which lie in a file in the table's folder."""

    def __init__(self, table: Table, work: str) -> None:
        self._table = table
        self._child = ChildProcess(MODULE, work)

    @property
    def process_id(self) -> int | None:
        """The process; None while there is none."""
        return self._child.process_id

    async def close(self) -> None:
        """End the process. The table stays open."""
        await self._child.close()

    async def _write(self, frame: Frame, columns: Sequence[str], path: Path, progress: Progress | None) -> None:
        await self._table.run(lambda reporter: write_rows(frame, columns, path, reporter), progress)

    async def _ask(self, request: dict[str, Any], progress: Progress | None = None) -> Any:
        answer = await self._child.ask(request, progress)
        if fault := answer.get("fault"):
            kind, detail, title, advice = fault
            raise getattr(errors, kind)(detail, title=title, advice=advice)
        return answer["result"]


class FeatureStudy(_Study):
    """Scores of the columns of a table: of a sample of its rows, or of all.

    Every method raises UserError, MachineError and what reading the table raises. Cancelling one ends its work.
    """

    def __init__(self, table: Table) -> None:
        super().__init__(table, "scores")
        self._path = table.folder / "features.parquet"

    async def prepare(self, *, exact: bool = False, progress: Progress | None = None) -> StudiedRows:
        """Take the rows that all scores are of; the first call. All of a small table, else a sample unless `exact`."""
        frame = await (self._table.frame(progress) if exact else self._table.sample(progress))
        await self._write(frame, frame.names, self._path, progress)
        total = frame.rows if exact else self._table.known_rows()
        return StudiedRows(frame.rows, total, frame.columns)

    async def score(
        self,
        method: ScoreMethod,
        target: str,
        features: Sequence[str] = (),
        task: Task = Task.AUTO,
        *,
        options: PermutationOptions = USUAL,
        progress: Progress | None = None,
    ) -> FeatureScores:
        """The columns by one method, best first.

        Args:
            features: the columns to score; else all numbers but those that name rows.
        """
        request = {**self._request("score", target, features, task), "method": method, "options": asdict(options)}
        found = await self._ask(request, progress)
        return FeatureScores(
            **{
                **found,
                "method": ScoreMethod(found["method"]),
                "scores": tuple(FeatureScore(**score) for score in found["scores"]),
                "notes": tuple(found["notes"]),
            }
        )

    async def subsets(
        self,
        target: str,
        features: Sequence[str] = (),
        task: Task = Task.AUTO,
        *,
        progress: Progress | None = None,
    ) -> tuple[SubsetScore, ...]:
        """The best subsets of the columns by cross-validation."""
        found = await self._ask(self._request("subsets", target, features, task), progress)
        return tuple(SubsetScore(tuple(one["features"]), one["score"]) for one in found)

    def _request(self, do: str, target: str, features: Sequence[str], task: Task) -> dict[str, Any]:
        return {"do": do, "path": str(self._path), "target": target, "features": list(features), "task": task}


class PrivateTable(_Study):
    """A table that is asked under differential privacy. Errors and cancelling are as of `FeatureStudy`."""

    def __init__(self, table: Table) -> None:
        super().__init__(table, "question")

    async def ask(self, column: str, question: PrivateQuestion, progress: Progress | None = None) -> PrivateResult:
        """An answer with noise, of all rows."""
        found = await self._asked("ask", column, question, progress)
        tuples = {name: tuple(found[name]) for name in ("values", "labels", "notes")}
        bounds = tuple(found["bounds"]) if found["bounds"] else None
        return PrivateResult(**{**found, **tuples, "query": PrivateQuery(found["query"]), "bounds": bounds})

    async def truth(self, column: str, question: PrivateQuestion) -> tuple[float, ...]:
        """The answer without noise, which keeps nothing private."""
        return tuple(await self._asked("truth", column, question, None))

    async def _asked(self, do: str, column: str, question: PrivateQuestion, progress: Progress | None) -> Any:
        frame = await self._table.frame(progress)
        path = self._table.folder / f"column-{frame.names.index(column)}.parquet"
        if not path.exists():
            await self._write(frame, [column], path, progress)
        return await self._ask({"do": do, "path": str(path), "question": asdict(question)}, progress)
