"""Scores and private answers of an open table, by a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import polars
import pytest

from services.entities.features import PermutationOptions, PrivateQuery, PrivateQuestion, ScoreMethod
from services.errors import NotFoundError, UserError
from services.features.study import FeatureStudy, PrivateTable
from services.tables.opening import open_table
from services.tables.table import Table
from tests.support.waiting import eventually


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Table]:
    """Sixty rows, of which `size` tells the class; a list, and a number of 128 bits."""
    path = tmp_path / "t.parquet"
    rows = range(60)
    polars.DataFrame(
        {
            "size": list(rows),
            "noise": [n * 7 % 5 for n in rows],
            "big": polars.Series([n % 3 for n in rows], dtype=polars.Int128),
            "list": [[n] for n in rows],
            "kind": ["big" if n > 30 else "small" for n in rows],
        }
    ).write_parquet(path)
    async with open_table(path) as table:
        yield table


async def test_scores_come_from_one_process_until_a_question_is_cancelled(table: Table) -> None:
    study = FeatureStudy(table)
    try:
        rows = await study.prepare()
        assert (rows.rows, rows.total_rows, rows.is_sample) == (60, 60, False)
        found = await study.score(ScoreMethod.PEARSON, "kind")
        assert found.top(1) == ("size",)
        assert {score.feature for score in found.scores} == {"size", "noise", "big"}
        told: list[tuple[int, int]] = []
        options = PermutationOptions(repeats=2)
        await study.score(ScoreMethod.PERMUTATION, "kind", options=options, progress=lambda *at: told.append(at))
        assert told[-1] == (6, 6)
        best = await study.subsets("kind", ("size", "noise"))
        assert len(best) == 3
        assert "size" in best[0].features
        with pytest.raises(NotFoundError, match="Did you mean kind"):
            await study.score(ScoreMethod.CHI2, "Kind")
        first = study.process_id
        told.clear()
        endless = PermutationOptions(repeats=100_000)
        asked = asyncio.create_task(
            study.score(ScoreMethod.PERMUTATION, "kind", options=endless, progress=lambda *at: told.append(at))
        )
        await eventually(lambda: told)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        assert asked.cancelled()
        assert (await study.score(ScoreMethod.CHI2, "kind")).top(1) == ("size",)
        assert study.process_id not in (None, first)
    finally:
        await study.close()


async def test_a_column_is_asked_privately(table: Table) -> None:
    pytest.importorskip("opendp")
    private = PrivateTable(table)
    try:
        question = PrivateQuestion(PrivateQuery.MEAN, 100, (0, 100))
        answer = await private.ask("size", question)
        assert answer.bounds == question.bounds
        assert 28.5 < answer.values[0] < 30.5
        true = await private.truth("size", question)
        assert true == (29.5,)
        histogram = await private.ask("kind", PrivateQuestion(PrivateQuery.HISTOGRAM, 100, labels=("big",)))
        assert histogram.labels == ("big", "other")
        with pytest.raises(UserError, match="kind holds no numbers"):
            await private.ask("kind", question)
    finally:
        await private.close()
