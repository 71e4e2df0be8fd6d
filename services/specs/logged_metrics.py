"""Which metrics a script logs, as far as reading it tells; nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MAX_BYTES = 500_000
_MAX_FILES = 200
_SKLEARN = (
    "training_score",
    "training_accuracy_score",
    "training_precision_score",
    "training_recall_score",
    "training_f1_score",
    "training_log_loss",
    "training_roc_auc",
    "training_mean_squared_error",
    "training_root_mean_squared_error",
    "training_mean_absolute_error",
    "training_r2_score",
)
"""What autologging of scikit-learn names the metrics of `fit`.

Source: https://mlflow.org/docs/latest/api_reference/python_api/mlflow.sklearn.html#mlflow.sklearn.autolog
"""
_OTHER_AUTOLOGGED = frozenset(
    ("lightgbm", "xgboost", "keras", "tensorflow", "torch", "lightning", "pytorch_lightning", "transformers",
     "statsmodels", "paddle", "pyspark")
)  # fmt: skip


@dataclass(frozen=True)
class LoggedMetrics:
    """What was found.

    Attributes:
        names: the names that the script logs.
        is_complete: whether it can log no others: no name is computed, and no library logs by itself.
    """

    names: frozenset[str]
    is_complete: bool


def logged_metrics(folder: Path) -> LoggedMetrics:
    """The metrics that the Python files of a code folder log; incomplete where one of them can't be read."""
    names, is_complete = set[str](), True
    try:
        files = sorted(folder.rglob("*.py"))[: _MAX_FILES + 1]
    except OSError:
        return LoggedMetrics(frozenset(), False)
    if not files or len(files) > _MAX_FILES:
        is_complete = False
    for file in files[:_MAX_FILES]:
        try:
            if file.stat().st_size > _MAX_BYTES:
                raise ValueError
            tree = ast.parse(file.read_text("utf-8"))
        except (OSError, SyntaxError, ValueError, RecursionError):
            is_complete = False
            continue
        for name in _names(tree):
            if name is None:
                is_complete = False
            else:
                names.add(name)
    return LoggedMetrics(frozenset(names), is_complete)


def _names(tree: ast.AST) -> Iterator[str | None]:
    """Each name that is logged; None for one that only running tells."""
    autologs, imported = False, set[str]()
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                imported |= {alias.name.partition(".")[0] for alias in aliases}
            case ast.ImportFrom(module=str(module)):
                imported.add(module.partition(".")[0])
            case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called)):
                if called == "autolog":
                    autologs = True
                elif called in ("log_metric", "log_metrics", "log_batch"):
                    yield from _called(called, node)
    if autologs:
        yield from _SKLEARN
        if imported & _OTHER_AUTOLOGGED:
            yield None


def _called(function: str, call: ast.Call) -> Iterator[str | None]:
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    argument = call.args[0] if call.args else named.get("key" if function == "log_metric" else "metrics")
    match argument:
        case ast.Constant(value=str(name)) if function == "log_metric":
            yield name
        case ast.Dict(keys=keys) if function == "log_metrics":
            yield from (key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
                        for key in keys)  # fmt: skip
        case _:
            yield None
