"""What a model said of rows that it had not seen, which ensembles are made of and charts are drawn from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Predictions:
    """Out-of-fold predictions.

    Attributes:
        values: a row for each judged row: the probability of each class, or one number.
        rows: which row of the data each one is.
        folds: which fold judged it.
        classes: in the order of the columns; empty for numbers.
        target: the target of all rows of the data.
    """

    values: Any
    rows: Any
    folds: Any
    classes: tuple[Any, ...]
    target: Any

    @property
    def truth(self) -> Any:
        """The target of the judged rows."""
        return self.target[self.rows]

    def save(self, path: Path) -> None:
        """Write them to a file of numpy's, without a pickle in it."""
        import numpy as np

        target = self.target if self.target.dtype.kind in "biuf" else np.asarray(self.target, dtype=str)
        classes = np.array(
            json.dumps([one if isinstance(one, bool | int | float) else str(one) for one in self.classes])
        )
        np.savez_compressed(path, values=self.values, rows=self.rows, folds=self.folds, classes=classes, target=target)

    @classmethod
    def load(cls, path: Path) -> Predictions:
        """Read them again."""
        import numpy as np

        with np.load(path, allow_pickle=False) as file:
            classes = tuple(json.loads(str(file["classes"])))
            return cls(file["values"], file["rows"], file["folds"], classes, file["target"])
