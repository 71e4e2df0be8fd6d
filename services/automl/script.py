"""The code of a pipeline: a script without Lapis that trains the same model on the same data."""

from __future__ import annotations

from services.automl.components import Component, expression, imports, own_source


def script(pipeline: Component, *, task: str, data: str, target: str, title: str = "") -> str:
    """A Python script that reads the data, trains the pipeline, and writes the model to the path that it is given.

    Args:
        title: what the pipeline is, for the first line: `StandardScaler, LogisticRegression`.
    """
    lines = sorted({*imports(pipeline), "import cloudpickle", "import pandas as pd", "import sys"}, key=_module)
    own = own_source(pipeline)
    if own:
        base = "from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin"
        lines = sorted({*lines, base, "from typing import Any"}, key=_module)
    read = "read_parquet" if data.endswith(".parquet") else "read_csv"
    name = " ".join(title.split()) or f"the best pipeline of this {task}"
    parts = [
        f'"""Train {_quoted(name)}."""\n\nfrom __future__ import annotations\n\n' + "\n".join(lines),
        *([own.rstrip()] if own else []),
        f"DATA = {data!r}\nTARGET = {target!r}",
        f'def pipeline():\n    """The model, not trained yet."""\n    return {expression(pipeline, "    ")}',
        f'def train():\n    """The model, trained on every row that has a target."""\n    rows = pd.{read}(DATA)\n'
        "    rows = rows[rows[TARGET].notna()].reset_index(drop=True)\n"
        "    return pipeline().fit(rows.drop(columns=TARGET), rows[TARGET])",
        'if __name__ == "__main__":\n'
        '    with open(sys.argv[1] if len(sys.argv) > 1 else "model.pkl", "wb") as file:\n'
        "        cloudpickle.dump(train(), file)",
    ]
    return "\n\n\n".join(parts) + "\n"


def _module(line: str) -> tuple[bool, str]:
    words = line.split()
    return words[0] == "from", words[1]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', "'")
