"""The process in which columns are scored and asked: `python -m services.features.child`.

What takes long there holds up no key and can be ended, and the true values behind a private answer stay there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.child_process import serve
from services.entities.features import (
    FeatureScores,
    PermutationOptions,
    PrivateQuery,
    PrivateQuestion,
    ScoreMethod,
    Task,
)
from services.entities.tables import Progress
from services.errors import ServiceError
from services.features import importance, privacy, scores, subsets
from services.features.table import Frame
from services.wrangling.execution import plain_words


class Desk:
    """Answers requests. The last table stays in memory."""

    def __init__(self) -> None:
        self._key: object = None
        self._frame: Frame = None

    def answer(self, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
        """The result, or what went wrong: the kind of a ServiceError, its detail, title and advice."""
        try:
            return {"result": self._result(request, progress)}
        except ServiceError as error:
            return {"fault": [type(error).__name__, error.detail, error.title, error.advice]}
        except Exception as error:
            return {"fault": ["UserError", f"{plain_words(error)}.", "That did not work", ""]}

    def _result(self, request: dict[str, Any], progress: Progress) -> Any:
        frame = self._table(request["path"])
        match request["do"]:
            case "score":
                return asdict(_scored(frame, request, progress))
            case "subsets":
                found = subsets.best_subsets(
                    frame, request["target"], request["features"], Task(request["task"]), progress=progress
                )
                return [asdict(one) for one in found]
        series, question = frame.iloc[:, 0], question_of(request["question"])
        if request["do"] == "truth":
            return privacy.truth(series, question)
        return asdict(privacy.ask(series, question))

    def _table(self, path: str) -> Frame:
        import pandas as pd

        key = path, Path(path).stat().st_mtime_ns
        if key != self._key:
            self._key, self._frame = None, None  # frees the memory of the old one first
            self._frame = pd.read_parquet(path)
            self._key = key
        return self._frame


def question_of(document: Mapping[str, Any]) -> PrivateQuestion:
    """A question that came as JSON."""
    return PrivateQuestion(
        PrivateQuery(document["query"]),
        document["epsilon"],
        tuple(document["bounds"]) if document["bounds"] else None,
        tuple(document["labels"]),
        tuple(document["edges"]),
    )


def _scored(frame: Frame, request: Mapping[str, Any], progress: Progress) -> FeatureScores:
    arguments = frame, request["target"], request["features"], Task(request["task"])
    match ScoreMethod(request["method"]):
        case ScoreMethod.PEARSON:
            return scores.pearson(*arguments)
        case ScoreMethod.CHI2:
            return scores.chi2(*arguments)
    options = PermutationOptions(**request["options"])
    return importance.permutation(*arguments, options=options, progress=progress)


if __name__ == "__main__":
    serve(Desk().answer)
